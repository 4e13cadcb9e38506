"""The printed report: two handsome pages, complete, in both languages."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from service.content import Content, load
from service.site.report import render_report

MESSAGES = Path(__file__).parent.parent.parent / "messages"


@pytest.fixture(scope="module")
def content() -> Content:
    return load(MESSAGES)


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("language", ["en", "es"])
def test_two_letter_pages_with_embedded_type(content: Content, language: str) -> None:
    reader = PdfReader(BytesIO(render_report(content, language)))
    assert [tuple(page.mediabox[2:]) for page in reader.pages] == [(612, 792)] * 2
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            face = font.get_object()
            # reportlab names Helvetica in every file; no word is set in it
            assert "SourceSansPro" in face["/BaseFont"] or face["/BaseFont"] == "/Helvetica"
    assert reader.metadata is not None
    assert reader.metadata.author == content.clinic.name


def test_all_of_the_text_is_on_the_paper(content: Content) -> None:
    english, spanish = words(render_report(content, "en")), words(render_report(content, "es"))
    for told in (
        "Call 911",
        "numbness between your legs",
        "Let nobody stand",
        "Know when to get help",
    ):
        assert told in english
    for told in ("Llame al 911", "adormecimiento entre las piernas", "músculo"):
        assert told in spanish
    for paper in (english, spanish):
        assert paper.count(content.clinic.phone_display) >= 3
        assert all(f"{number} " in paper for number in range(1, 10))


def test_the_same_content_gives_the_same_bytes(content: Content) -> None:
    assert render_report(content, "en") == render_report(content, "en")


def test_a_longer_text_is_set_smaller_and_never_cut(content: Content) -> None:
    longer = content.reports["en"] + "\n\n" + "Move a little every day. " * 40
    told = content.model_copy(update={"reports": {**content.reports, "en": longer}})
    pdf = render_report(told, "en")
    assert len(PdfReader(BytesIO(pdf)).pages) == 2
    assert words(pdf).count("Move a little every day.") == 40


def test_marks_of_the_text_are_not_taken_for_markup(content: Content) -> None:
    told = content.model_copy(update={"reports": {"en": "# A < B & *C*\n\nless <b> than"}})
    assert "A < B & C" in words(render_report(told, "en"))
    assert "less <b> than" in words(render_report(told, "en"))
