"""The public page as anybody's browser gets it, both languages; and what of it is refused."""

import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from service.config import ROOT
from service.content import Content, load
from service.content_site import PAGE
from service.errors import ContentError
from service.site.pages import PATHS, create_site
from tests.line import LINE, PUBLIC_URL
from tests.visitor import Visitor

TEMPLATES = ROOT / "service" / "site" / "templates"


def words_of(html: str) -> str:
    """What is read on the page: no markup, entities as they look, spaces as one."""
    bare = re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").replace("&amp;", "&")
    return " ".join(bare.split())


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "messages", tmp_path / "messages"))


class TestEveryPage:
    @pytest.mark.parametrize("path", PATHS.values())
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_is_whole_in_its_language(
        self, visitor: Visitor, content: Content, path: str, language: str
    ) -> None:
        answer = visitor.get(path, params={"lang": language})
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in answer.text
        assert not re.search(r"[{}]|None|Undefined", answer.text)
        words = words_of(answer.text)
        for said in ("(804) 555-0100", "911", content.clinic.name, content.clinic.address):
            assert said in words
        assert f'href="tel:{LINE}"' in answer.text
        other = {"en": "es", "es": "en"}[language]
        assert f'href="{path}?lang={other}" lang="{other}"' in answer.text
        assert f'href="{PUBLIC_URL}{path}?lang={other}"' in answer.text

    @pytest.mark.parametrize("path", PATHS.values())
    def test_runs_no_script_and_carries_no_style_of_its_own(
        self, visitor: Visitor, path: str
    ) -> None:
        answer = visitor.get(path)
        assert not re.search(r"<script|<style|style=|javascript:|\bon[a-z]+=", answer.text)
        assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("path", [*PATHS.values(), "/report.pdf"])
    def test_keeps_to_what_the_browser_likes_until_asked(self, visitor: Visitor, path: str) -> None:
        wish = {"Accept-Language": "es-MX,es;q=0.9"}
        for query, shown in ((None, "es"), ("en", "en"), ("fr", "es"), ("", "es")):
            params = {} if query is None else {"lang": query}
            answer = visitor.get(path, params=params, headers=wish)
            assert (answer.status_code, answer.headers["Content-Language"]) == (200, shown)
            assert answer.headers["Vary"] == "Accept-Language"
        assert visitor.head(path, headers=wish).headers["Content-Language"] == "es"

    def test_leads_nowhere_that_is_not_there(self, visitor: Visitor) -> None:
        pages = [f"{path}?lang={lang}" for path in PATHS.values() for lang in ("en", "es")]
        html = "".join(visitor.get(page).text for page in pages)
        links = set(re.findall(r'(?:href|src)="(/[^"]*)"', html))
        assert {"/static/site/site.css", "/terms?lang=es", "/report.pdf?lang=es"} <= links
        assert [link for link in links if visitor.get(link).status_code != 200] == []
        anchors = re.findall(r'href="#([^"]+)"', html)
        assert all(f'id="{anchor}"' in html for anchor in anchors)

    def test_nothing_else_is_served(self, visitor: Visitor) -> None:
        for name in ("home.html", "..%2Fpages.py", "%2e%2e/pages.py", "nothing.css", ""):
            assert visitor.get(f"/static/site/{name}").status_code == 404


class TestTheFirstPage:
    @pytest.mark.parametrize(
        ("language", "told"),
        [
            (
                "en",
                [
                    "day or night", "In an emergency, call 911", "Monday to Friday 8 am to 5 pm",
                    "We mail 4 printed copies a week", "Up to 3 texts a week for about 5 weeks",
                    "between 9 am and 8 pm", "Message and data rates may apply",
                    "Text STOP to end", "HELP for help", "You need not agree to texts to get care",
                    "not encrypted on the way",
                ],
            ),
            (
                "es",
                [
                    "de día o de noche", "En una emergencia, llame al 911",
                    "de lunes a viernes de 8 am a 5 pm", "Enviamos 4 copias impresas por semana",
                    "Hasta 3 textos por semana durante unas 5 semanas",
                    "entre las 9 am y las 8 pm", "Pueden aplicar tarifas de mensajes y datos",
                    "Escriba STOP para terminar", "AYUDA para ayuda", "no es requisito",
                    "no van cifrados",
                ],
            ),
        ],
    )  # fmt: skip
    def test_tells_what_a_caller_and_a_carrier_must_know(
        self, visitor: Visitor, language: str, told: list[str]
    ) -> None:
        words = words_of(visitor.get("/", params={"lang": language}).text)
        assert [said for said in told if said not in words] == []

    @pytest.mark.parametrize(
        ("language", "commands"),
        [
            ("en", {"REPORT": "report", "TIPS": "tips", "CALL ME": "call_me", "HELP": "help"}),
            ("es", {"REPORTE": "report", "CONSEJOS": "tips", "LLAMAR": "call_me", "AYUDA": "help"}),
        ],
    )
    def test_a_tap_writes_a_word_that_the_line_understands(
        self, visitor: Visitor, content: Content, language: str, commands: dict[str, str]
    ) -> None:
        html = visitor.get("/", params={"lang": language}).text
        for word, intent in {**commands, "STOP": "opt_out"}.items():
            assert f'href="sms:{LINE}?&amp;body={word.replace(" ", "%20")}"' in html
            assert content.hears[language].intents(word) == {intent}  # type: ignore[index]
        assert f'href="sms:{LINE}"' in html
        assert 'href="tel:911"' in html

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_shows_texts_as_they_are_really_sent(
        self, visitor: Visitor, content: Content, language: str
    ) -> None:
        words = words_of(visitor.get("/", params={"lang": language}).text)
        for key in ("report_how", "call_back_promised", "consent_tips"):
            assert " ".join(content.reply(key, language).split()) in words

    def test_the_report_is_read_in_the_language_of_the_page(self, visitor: Visitor) -> None:
        for language, title in (("en", "Nine tips"), ("es", "Nueve consejos")):
            pdf = visitor.get("/report.pdf", params={"lang": language})
            assert pdf.headers["Content-Type"] == "application/pdf"
            reader = PdfReader(BytesIO(pdf.content))
            assert title in " ".join(reader.pages[0].extract_text().split())


class TestWhatTheClinicIs:
    def page(self, folder: Path, number: str = LINE, path: str = "/") -> str:
        app = FastAPI()
        app.include_router(create_site(load(folder), number, PUBLIC_URL))
        return str(Visitor(app).get(path).text)

    def test_the_number_is_the_lines_own_everywhere(self, folder: Path) -> None:
        for path in PATHS.values():
            html = self.page(folder, "+12025550147", path)
            own = words_of(html)
            for sent in re.findall(r'class="bubble[^>]*>.*?</p>', html, re.DOTALL):
                own = own.replace(words_of(sent), "")
            assert "(202) 555-0147" in own
            assert "(804) 555-0100" not in own

    def test_a_report_kept_elsewhere_and_no_printed_copies(self, folder: Path) -> None:
        edit(folder, "clinic.toml", 'link = ""', 'link = "https://riverbendpt.example/nine"')
        edit(folder, "clinic.toml", "weekly = 4", "weekly = 0")
        html = self.page(folder)
        assert 'href="https://riverbendpt.example/nine"' in html
        assert "printed copies" not in html

    def test_one_language_and_no_website(self, folder: Path) -> None:
        edit(folder, "clinic.toml", '["en", "es"]', '["es"]')
        edit(folder, "clinic.toml", 'website = "riverbendpt.example"', 'website = ""')
        html = self.page(folder)
        assert '<html lang="es">' in html
        assert "?lang=en" not in html
        assert "Sitio web" not in html

    def test_marks_are_shown_as_they_were_written(self, folder: Path) -> None:
        edit(folder, "clinic.toml", "Riverbend Back & Spine", "<b>River</b> & Spine")
        for path in PATHS.values():
            html = self.page(folder, path=path)
            assert "<b>" not in html
            assert "&lt;b&gt;River&lt;/b&gt; &amp; Spine" in html


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("file", "old", "new", "told"),
        [
            ("en/site.toml", "hero_title =", "hero_titel =", "hero_title is missing"),
            ("es/site.toml", "hero_title =", "hero_titel =", "hero_titel is not a key the line"),
            ("en/site.toml", '"Call 911"', '"Call"', "emergency_call: must name 911"),
            ("en/site.toml", "{per_week}", "{weekly}", "texts_often: {weekly} is not known here"),
            ("es/site.toml", "{packages}", "{packages", "report_mail: a brace stands alone"),
            ("en/site.toml", '"Call"', '""', "en/site.toml: call"),
            ("en/site.toml", '"CALL ME"', '"RING ME"', "offers RING ME"),
            ("es/site.toml", "No cobramos nada.", "No se preocupe.", "reassures"),
            ("en/terms.md", "Message and data rates may apply.", "", "data rates may apply"),
            ("en/terms.md", "911", "them", "must name 911"),
            ("es/terms.md", "no son responsables", "responden", "carriers are not liable"),
            ("en/privacy.md", "not shared with or sold", "sold", "neither shared with nor sold"),
            ("es/privacy.md", "ni se venden a", "y se venden a", "neither shared with nor sold"),
            ("es/privacy.md", "cifrados", "bien", "that data is encrypted"),
            ("en/privacy.md", "# Privacy\n", "", "must begin with a title"),
            ("en/privacy.md", "## Questions", "Questions", "privacy.md: en and es differ"),
            ("en/privacy.md", "STOP", "CEASE", "offers CEASE"),
        ],
    )
    def test_unfit_words(self, folder: Path, file: str, old: str, new: str, told: str) -> None:
        edit(folder, file, old, new)
        with pytest.raises(ContentError) as caught:
            load(folder)
        assert told in "\n".join(caught.value.problems)


def test_every_word_of_the_page_is_shown() -> None:
    """A sentence that no page shows is one nobody reads over; a page without its word breaks."""
    written = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    shown = set(re.findall(r"\bwords\.([a-z_]+)", written))
    for prefix in re.findall(r'words\["([a-z_]+_)" ~ name\]', written):
        macro = "mistake" if prefix == "form_wrong_" else "command"
        shown |= {prefix + name for name in re.findall(macro + r'\("([a-z_]+)"\)', written)}
    assert shown | {"language", "terms", "privacy"} == PAGE
