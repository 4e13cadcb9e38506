"""A language for tests: every sentence of the catalogue in ⟦brackets⟧, and what stands outside them."""

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from service import tongue

SHOWN = ("aria-label", "title", "placeholder", "alt", "data-title", "data-told", "data-stale",
         "data-sign-in", "data-wrong", "data-silent", "data-locked", "data-dearer", "data-too-long",
         "data-counted")  # fmt: skip


def compiled(catalogue: Catalog, folder: Path, language: str) -> Path:
    """The folder, with the catalogue in it as gettext looks for it."""
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "console.mo").open("wb") as file:
        write_mo(file, catalogue)
    return folder


class speaking:
    """While this lasts the console speaks the bracketed language."""

    def __init__(self, locale: Path) -> None:
        self.locale = locale

    def __enter__(self) -> None:
        tongue.speak("qps", self.locale)

    def __exit__(self, *_: object) -> None:
        tongue.speak("en")


class Page(HTMLParser):
    """What a person sees or hears of a page, outside brackets and what is marked as not to be translated."""

    VOID = frozenset(("meta", "link", "input", "br", "img"))

    def __init__(self, html: str, *, heeds_marks: bool = True) -> None:
        super().__init__()
        self.heeds_marks = heeds_marks  # translate="no"; a template is read throughout
        self.depth = self.brackets = 0
        self.skipped: int | None = None  # how deep what is not read begins
        self.quoted: int | None = None  # how deep words in any language begin: read as one
        self.quote: list[str] = []
        self.left: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.skipped is None:
            for name in SHOWN:
                self._outside(given.get(name) or "", alone=True)
        if tag in self.VOID:
            return
        self.depth += 1
        foreign = tag != "html" and "lang" in given
        if self.skipped is None and (
            (self.heeds_marks and (given.get("translate") == "no" or foreign))
            or tag in ("script", "style", "kbd")
        ):
            self.skipped = self.depth
        if given.get("dir") == "auto" and self.quoted is None:
            self.quoted, self.quote = self.depth, []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if self.depth == self.skipped:
            self.skipped = None
        if self.depth == self.quoted:
            self.quoted = None
            self.left.append("".join(self.quote))
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.skipped is None:
            self._outside(data)

    def _outside(self, text: str, *, alone: bool = False) -> None:
        kept, depth = "", 0 if alone else self.brackets
        for mark in text:
            depth += (mark == "⟦") - (mark == "⟧")
            kept += mark if depth == 0 and mark != "⟧" else "\n" if mark == "⟧" else ""
        if not alone:
            self.brackets = depth
        if self.quoted is not None and not alone:
            self.quote.append(kept)
        else:
            self.left.append(kept)


DATES = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]* \d+(?:, \d{4})?\b|\b\d+:\d\d [ap]m\b"
)


def untranslated(html: str, data: set[str]) -> list[str]:
    """Words on the page that are neither translated nor whole pieces of `data`, dates or numbers."""
    known = re.compile(
        "|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in sorted(data, key=len, reverse=True))
    )
    page = Page(html)
    assert page.depth == 0, "the page must close what it opens, or it is not read to its end"
    assert page.brackets == 0
    left = (DATES.sub("", known.sub("", text)) for text in page.left)
    return [text.strip() for text in left if re.search(r"[^\W\d_]", text)]
