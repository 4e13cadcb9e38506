"""The language staff see: one for the whole clinic, from a gettext catalogue; English needs none.

Sentences stand in English where they are shown, whole, with named placeholders; `docs/translating.md` says
how they are drawn out and translated. What patients wrote and are sent is never translated.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from gettext import GNUTranslations, NullTranslations, find, translation
from pathlib import Path
from typing import Final, TypeVar

from markupsafe import Markup, escape

from service.errors import BacktalkError

Key = TypeVar("Key")

ENGLISH: Final = "en"
DOMAIN: Final = "console"
CATALOGUES: Final = Path(__file__).parent / "console" / "locale"
"""Where the catalogues are: <language>/LC_MESSAGES/console.mo."""

_FIELD = re.compile(r"%\((\w+)\)")


@dataclass(slots=True)
class _InUse:
    language: str
    catalogue: NullTranslations
    on_page: dict[str, Markup] = field(default_factory=dict)


_in_use = _InUse(ENGLISH, NullTranslations())


def known_language(language: str, folder: Path | None = None) -> str:
    """The language; ValueError when it has no compiled catalogue, or one that would break a page."""
    found = find(DOMAIN, folder or CATALOGUES, [language])
    if found is None and language != ENGLISH:
        raise ValueError(
            f"{language!r} has no compiled catalogue in service/console/locale/: "
            "docs/translating.md says how to make one"
        )
    if found and (misfits := _misfits(Path(found))):
        raise ValueError(f"the catalogue {language!r} has wrong fields in {misfits[0]!r}")
    return language


def _misfits(compiled: Path) -> list[str]:
    """Translations whose fields cannot be filled in with what the English ones name."""
    with compiled.open("rb") as file:
        said: Mapping[str | tuple[str, int], str] = vars(GNUTranslations(file))["_catalog"]
    return [text for key, text in said.items() if key and not _fits(key, text)]


def _fits(key: str | tuple[str, int], said: str) -> bool:
    english = key if isinstance(key, str) else key[0]
    try:
        said % {"num": 0, **dict.fromkeys(_FIELD.findall(english), 0)}
    except (KeyError, TypeError, ValueError):
        return False
    return True


def speak(language: str, folder: Path | None = None) -> None:
    """Show this process's console in `language`, which is English or has a catalogue."""
    spoken = translation(DOMAIN, folder or CATALOGUES, [language], fallback=language == ENGLISH)
    _in_use.language, _in_use.catalogue, _in_use.on_page = language, spoken, {}


def language_tag() -> str:
    """The language as HTML names it: "pt-BR" for the catalogue pt_BR."""
    return _in_use.language.replace("_", "-")


def N_(english: str) -> str:
    """Mark a sentence for translation that is translated only when it is shown."""
    return english


def gettext(english: str, **fields: object) -> str:
    """The sentence in the console's language, its `fields` ("%(name)s") filled in."""
    said = _in_use.catalogue.gettext(english)
    return said % fields if fields else said


def ngettext(one: str, many: str, num: int, **fields: object) -> str:
    """The form of the sentence that goes with `num`, which it may name as "%(num)d"."""
    return _in_use.catalogue.ngettext(one, many, num) % {"num": num, **fields}


def on_page(english: str, **fields: object) -> Markup:
    """`gettext` for templates: a sentence may hold markup, its fields are escaped."""
    said = _in_use.on_page.get(english)
    if said is None:
        said = _in_use.on_page[english] = Markup(_in_use.catalogue.gettext(english))  # noqa: S704
    return _filled(said, fields) if fields else said


def form_on_page(one: str, many: str, num: int, **fields: object) -> Markup:
    """`ngettext` for templates."""
    return _filled(_in_use.catalogue.ngettext(one, many, num), {"num": num, **fields})


def _filled(said: str, fields: Mapping[str, object]) -> Markup:
    """What Markup's own % does, in a quarter of the time; the sentence is ours, or the catalogue's."""
    safe = {name: at if isinstance(at, int) else escape(at) for name, at in fields.items()}
    return Markup(str.__mod__(said, safe))  # noqa: S704


def in_words(error: BacktalkError) -> str:
    """What an error says to staff."""
    if error.many:
        return ngettext(error.text, error.many, **error.fields)
    return gettext(error.text, **error.fields)


class Words(Mapping[Key, str]):
    """What staff read for codes: English when it is written, marked by N_, translated when it is read."""

    def __init__(self, english: Mapping[Key, str]) -> None:
        self._english = english

    def __getitem__(self, code: Key) -> str:
        return gettext(self._english[code])

    def __iter__(self) -> Iterator[Key]:
        return iter(self._english)

    def __len__(self) -> int:
        return len(self._english)
