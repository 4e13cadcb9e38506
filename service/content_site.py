"""What the public page must say and may not say: its words, the terms and the privacy notice."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from service.content_checks import (
    refuse_keys,
    refuse_placeholders,
    refuse_without,
    refuse_words,
)
from service.wording import fold

Promises = Mapping[str, tuple[str, ...]]  # what must be said, in any one of the wordings

# The words that the page's templates use.
PAGE: Final = frozenset(
    {
        "language", "title", "description", "skip", "languages",
        "hero_title", "hero_lead", "call", "text", "hours_title", "hours_text",
        "emergency_title", "emergency_text", "emergency_call",
        "texting_title", "texting_lead", "texting_open", "texting_more",
        "command_report", "command_tips", "command_call_me", "command_help", "command_stop",
        "about_report", "about_tips", "about_call_me", "about_help", "about_stop",
        "sample_title", "sample_you", "sample_line",
        "report_title", "report_text", "report_open", "report_mail",
        "texts_title", "texts_lead", "texts_asked", "texts_often", "texts_cost", "texts_stop",
        "texts_consent", "texts_open_way", "texts_more",
        "who_title", "who_name", "who_address", "who_hours", "who_phone", "who_website",
        "terms", "privacy", "back",
        "form_open", "form_title", "form_lead", "form_how", "form_mail", "form_link", "form_phone",
        "form_name", "form_address", "form_address_hint", "form_consent", "form_consent_tips",
        "form_optional", "form_leave", "form_send", "form_wrong", "form_wrong_phone",
        "form_wrong_name", "form_wrong_address", "form_wrong_consent", "form_done", "form_done_text",
    }
)  # fmt: skip

# Without these promises carriers refuse to register a line (CTIA Messaging Principles 5.1, 5.2;
# campaign registration: opt-in data and consent go to no third party). Read in the folded text.
_TERMS: Final[Mapping[str, Promises]] = {
    "en": {
        "that data rates may apply": ("data rates may apply",),
        "how to stop": ("stop",),
        "how to get help": ("help",),
        "that carriers are not liable": ("carriers are not liable",),
    },
    "es": {
        "that data rates may apply": ("tarifas de mensajes y datos",),
        "how to stop": ("stop",),
        "how to get help": ("ayuda",),
        "that carriers are not liable": ("no son responsables",),
    },
}
_PRIVACY: Final[Mapping[str, Promises]] = {
    "en": {
        "that opt-in data is neither shared with nor sold to third parties": (
            "opt in data and consent is not shared with or sold to third parties",
        ),
        "that data is encrypted": ("encrypted",),
        "how to have data deleted": ("delete",),
    },
    "es": {
        "that opt-in data is neither shared with nor sold to third parties": (
            "consentimiento no se comparten con terceros ni se venden a terceros",
        ),
        "that data is encrypted": ("cifrad",),
        "how to have data deleted": ("borr", "elimin"),
    },
}


def refuse_site(
    words: Mapping[str, str], terms: str, privacy: str, known: Mapping[str, str], language: str
) -> Iterator[str]:
    """Everything that is refused on the public page in one language."""
    where = f"{language}/site.toml"
    yield from refuse_keys(where, words, PAGE)
    for key, text in words.items():
        yield from refuse_placeholders(f"{where}: {key}", text, known)
        yield from refuse_words(f"{where}: {key}", text)
    for key in sorted({"emergency_title", "emergency_call"} & set(words)):
        yield from refuse_without(f"{where}: {key}", words[key], "911")
    for name, text, promises in (
        ("terms.md", terms, _TERMS[language]),
        ("privacy.md", privacy, _PRIVACY[language]),
    ):
        yield from _refuse_notice(f"{language}/{name}", text, known, promises)


def headings(text: str) -> list[int]:
    """The levels of the headings of a Markdown text, in order."""
    return [len(marks) for marks in re.findall(r"(?m)^(#+) ", text)]


def _refuse_notice(
    where: str, text: str, known: Mapping[str, str], promises: Promises
) -> Iterator[str]:
    yield from refuse_placeholders(where, text, known)
    yield from refuse_words(where, text)
    yield from refuse_without(where, text, "911")
    if headings(text)[:1] != [1]:
        yield f"{where}: must begin with a title, as in # Terms"
    folded = fold(text)
    for promise, wordings in promises.items():
        if not any(wording in folded for wording in wordings):
            yield f"{where}: must say {promise}; carriers ask for it"
