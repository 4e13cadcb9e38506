"""The public pages: what the line is, its terms, its privacy notice, and the report."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markdown_it import MarkdownIt
from markupsafe import Markup

from service.content import Content
from service.content_facts import hours_in_words
from service.phone import pretty
from service.site.language import choose_language
from service.site.report import render_report

PATHS: Final = {"home": "/", "terms": "/terms", "privacy": "/privacy"}
_STATIC: Final = {"site.css": "text/css", "line.svg": "image/svg+xml"}
_BY_LANGUAGE: Final = {"Vary": "Accept-Language", "Cache-Control": "public, max-age=300"}
_READ: Final = ["GET", "HEAD"]

_templates = Environment(
    loader=PackageLoader(__package__),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def create_site(content: Content, line_number: str, public_url: str) -> APIRouter:
    """The routes that anybody may see; `line_number` is E.164, `public_url` has no final slash."""
    router = APIRouter(include_in_schema=False)
    pages = dict(_render(content, line_number, public_url))
    for name, path in PATHS.items():
        _add_page(
            router, path, {lang: html for (page, lang), html in pages.items() if page == name}
        )
    _add_report(router, content)

    @router.api_route("/static/site/{name}", methods=_READ)
    def static(name: str) -> Response:
        """The style sheet and the sign of the line."""
        if name not in _STATIC:
            raise HTTPException(404)
        data = files(__package__).joinpath("static", name).read_bytes()
        return Response(data, media_type=_STATIC[name], headers={"Cache-Control": "max-age=300"})

    return router


def template(name: str) -> Template:
    """A page's template, for pages that are filled in anew each time."""
    return _templates.get_template(name)


def _add_page(router: APIRouter, path: str, by_language: dict[str, str]) -> None:
    @router.api_route(path, methods=_READ)
    def page(request: Request, lang: str = "") -> HTMLResponse:
        language = _language(request, lang, tuple(by_language))
        return HTMLResponse(
            by_language[language], headers={"Content-Language": language, **_BY_LANGUAGE}
        )


def _add_report(router: APIRouter, content: Content) -> None:
    @cache
    def report_in(language: str) -> bytes:
        return render_report(content, language)

    @router.api_route("/report.pdf", methods=_READ)
    def report(request: Request, lang: str = "") -> Response:
        """The nine-tip report, made from messages/."""
        language = _language(request, lang, content.clinic.languages)
        headers = {
            "Content-Disposition": 'inline; filename="back-report.pdf"',
            "Content-Language": language,
            **_BY_LANGUAGE,
        }
        return Response(report_in(language), media_type="application/pdf", headers=headers)


def _language(request: Request, asked: str, offered: tuple[str, ...]) -> str:
    return choose_language(asked, request.headers.get("Accept-Language", ""), offered)


def _render(
    content: Content, line_number: str, public_url: str
) -> Iterator[tuple[tuple[str, str], str]]:
    """Every page in every language: they change only when messages/ does."""
    phone = pretty(line_number).replace(" ", "\N{NO-BREAK SPACE}")
    called = Markup('<a class="nowrap" href="tel:{}">{}</a>').format(line_number, phone)
    sites = {language: content.site(language, phone) for language in content.clinic.languages}
    for language, site in sites.items():
        shared = {
            "clinic": content.clinic,
            "hours": hours_in_words(content.clinic, language, spoken=True),
            "words": site.words,
            "language": language,
            "languages": {other: sites[other].words["language"] for other in sites},
            "line_number": line_number,
            "phone": phone,
            "called": called,
            "public_url": public_url,
        }
        home = shared | _exchange(content, language, line_number)
        notices = {"terms": site.terms, "privacy": site.privacy}
        yield ("home", language), _filled("home", home)
        for name, text in notices.items():
            notice = {"notice": _from_markdown(text)}
            yield (name, language), _filled(name, shared | notice)


def _filled(page: str, values: dict[str, object]) -> str:
    template = "home.html" if page == "home" else "notice.html"
    return _templates.get_template(template).render(page=page, path=PATHS[page], **values)


def _exchange(content: Content, language: str, line_number: str) -> dict[str, object]:
    """What the first page shows of real texts, and where its buttons lead."""
    return {
        "report_link": content.clinic.report.link or f"/report.pdf?lang={language}",
        "asked_how": content.reply("report_how", language),
        "call_promised": content.reply("call_back_promised", language),
        "asked_consent": content.reply("consent_tips", language),
        # "?&body=" is understood by iPhones and Androids alike; RFC 5724 has "?body=".
        "text_with": lambda word: f"sms:{line_number}?&body={quote(word)}",
    }


def _from_markdown(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": False}).render(text))
