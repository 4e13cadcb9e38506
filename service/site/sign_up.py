"""The form on the public page: ask for the report, and for tips, without a telephone in the hand.

It keeps nothing in the browser and knows nobody by address: a field that people do not see, a stamp of
when the form was given out, one text a day to a number and a limit for all together stand in the way of
machines. Whatever is done with a good form, the answer is the same page.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from service.content_models import SiteWords
from service.conversation.receive import Conversation
from service.conversation.web_request import ask_to_confirm
from service.phone import pretty
from service.site.form import Filled, is_by_hand, problems, stamp, wish_of
from service.site.language import choose_language
from service.site.pages import template

NO_STORE = {"Cache-Control": "no-store"}
PATH = "/ask"

Short = Annotated[str, Form(max_length=100)]
Tick = Annotated[bool, Form()]


class _Pages:
    """The form and its answer, in every language."""

    def __init__(self, conversation: Conversation, line_number: str) -> None:
        self.conversation, self.line_number = conversation, line_number
        self.content = conversation.content
        self.phone = pretty(line_number).replace(" ", "\N{NO-BREAK SPACE}")
        self.key = conversation.database.keyring.derive("form")
        self.sites: dict[str, SiteWords] = {
            each: self.content.site(each, self.phone) for each in self.content.clinic.languages
        }

    def language_of(self, request: Request, asked: str) -> str:
        """The language to answer in."""
        accepted = request.headers.get("Accept-Language", "")
        return choose_language(asked, accepted, self.content.clinic.languages)

    def shown(self, language: str, name: str, **values: object) -> HTMLResponse:
        """A page, filled in anew: nothing of it is kept by the browser."""
        called = Markup('<a class="nowrap" href="tel:{}">{}</a>')
        html = template(name).render(
            page="ask",
            path=PATH,
            language=language,
            languages={each: site.words["language"] for each, site in self.sites.items()},
            words=self.sites[language].words,
            clinic=self.content.clinic,
            public_url=self.conversation.public_url,
            line_number=self.line_number,
            phone=self.phone,
            called=called.format(self.line_number, self.phone),
            stamp=stamp(self.key, self.conversation.clock.now()),
            **values,
        )
        return HTMLResponse(html, headers={"Content-Language": language, **NO_STORE})


def create_sign_up(conversation: Conversation, line_number: str) -> APIRouter:
    """The form and its answer; `line_number` is E.164."""
    router, pages = APIRouter(include_in_schema=False), _Pages(conversation, line_number)

    @router.get(PATH)
    def form(request: Request, lang: str = "") -> HTMLResponse:
        """The empty form."""
        return pages.shown(pages.language_of(request, lang), "ask.html", filled=Filled(), wrong=())

    @router.get(f"{PATH}/thanks")
    def thanks(request: Request, lang: str = "") -> HTMLResponse:
        """The one answer there is."""
        return pages.shown(pages.language_of(request, lang), "asked.html")

    _take_form(router, pages, conversation)
    return router


def _take_form(router: APIRouter, pages: _Pages, conversation: Conversation) -> None:
    @router.post(PATH)
    def ask(
        request: Request,
        phone: Short = "",
        how: Short = "mail",
        name: Short = "",
        address: Annotated[str, Form(max_length=300)] = "",
        consent: Tick = False,
        tips: Tick = False,
        given: Annotated[str, Form(max_length=200)] = "",
        website: Short = "",
        lang: Short = "",
    ) -> Response:
        """Take the form in; what cannot be used is shown again, marked."""
        language = pages.language_of(request, lang)
        filled = Filled(phone, how, name, address, consent, tips)
        if wrong := tuple(problems(filled)):
            return pages.shown(language, "ask.html", filled=filled, wrong=wrong)
        if is_by_hand(pages.key, given, website, conversation.clock.now()):
            ask_to_confirm(conversation, wish_of(filled, pages.sites[language].words, language))
        return RedirectResponse(f"{PATH}/thanks?lang={language}", 303)
