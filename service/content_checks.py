"""What `messages/` may not say: every rule answers with a sentence a clinician can act on."""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from service.content_keys import REPLIES, SPOKEN
from service.content_models import FaqEntry, Hears, Program, Reply, Spoken, Step
from service.wording import fill, fold, placeholders, segments, stray_braces

# The replies and spoken lines that the product uses, and what each may have filled in.
# The longest value each placeholder is expected to carry, in characters.
LONGEST: Final = {
    "link": 60, "name": 40, "address": 90, "question": 250, "level": 9, "place": 22, "week": 16,
    "day": 16, "tracking": 34, "zip": 5,
    "item": 7, "code": 4, "count": 3, "minutes": 3, "emergency": 3, "urgent": 3, "review": 3,
    "overdue": 3, "since": 16,
}  # fmt: skip

# Words that a carrier acts on by itself, before the product sees them (Twilio, default keywords).
CARRIER_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "opt_out": frozenset(
        {"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"}
    ),
    "start": frozenset({"start", "unstop", "yes"}),
    "help": frozenset({"help", "info"}),
}
# 47 CFR 64.1200(a)(10): a reply of any of these always revokes consent.
FCC_WORDS: Final = frozenset({"stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"})

_REPLY_WITH = (
    r"(?i:\b(?:reply|answer|text|send|say|type|write|responda|conteste|mande|env[ií]e|escriba|diga)"
    r"(?: with| con)?) [\"']?"
)
_ASKS_CARRIER_WORD = re.compile(_REPLY_WITH + r"(?:(?i:yes|s[í]|cancelar|cancel)|SI)\b")
_UNSAFE = {
    "reassures": re.compile(
        r"\b(youre fine|you are fine|youre (ok|okay)|you are (ok|okay|safe)"
        r"|youll be (fine|ok|okay)|you will be (fine|ok|okay)|(dont|do not|no need to) worry"
        r"|nothing (serious|to worry)|(is|are|its) (perfectly |quite )?(normal|harmless)"
        r"|(completely|perfectly) safe|no se preocupe|no es (nada|grave)|es normal"
        r"|todo (va a estar|esta) bien|usted esta bien|no hay peligro)\b"
    ),
    "diagnoses": re.compile(
        r"\b(you (probably |may |might )?have (a |an )?(cauda equina|herniated|slipped|fracture|"
        r"infection|cancer|tumor)|usted tiene (una |un )?(hernia|fractura|infeccion|cancer|tumor))\b"
    ),
    "promises to put joints back in place": re.compile(
        r"\b(back into place|back in place|en su lugar)\b"
    ),
}
_TYPOGRAPHIC = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
    "\u2026": "...", "\u00a0": "a plain space", "\u202f": "a plain space", "\u2009": "a plain space",
    "\u200b": "nothing", "\ufeff": "nothing", "\u00ad": "nothing", "\u2022": "-", "\t": "a plain space",
}  # fmt: skip
# A word in capitals that a patient would take for a command; "CALL ME" is one command.
_COMMAND = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{4,}(?: [A-Z]{2,})*\b")
_SHORTENERS = re.compile(
    r"(?i)\b(bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly"
    r"|shorturl\.at|rb\.gy|tiny\.cc|t\.ly)\b"
)
# Each check-in asks after all four families; the stems are read in the folded text.
_SIGNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "numbness or tingling": ("numb", "tingl", "no feeling", "cant feel"),
        "weakness of the legs or feet": (
            "weak",
            "gives way",
            "giving way",
            "buckl",
            "drag",
        ),
        "bladder or bowel": ("pee", "urin", "bladder", "bowel", "toilet"),
        "pain that is worse or shooting": ("pain", "hurt"),
    },
    "es": {
        "numbness or tingling": (
            "dormid",
            "adormec",
            "entumec",
            "hormigue",
            "no siente",
        ),
        "weakness of the legs or feet": (
            "debil",
            "fuerza",
            "fallan",
            "falla",
            "arrastra",
        ),
        "bladder or bowel": ("orin", "pipi", "vejiga", "bano", "evacu"),
        "pain that is worse or shooting": ("dolor", "duele"),
    },
}
_CODES = {"en": "1 = none, 2 = some", "es": "1 = nada, 2 = algo"}


def refuse_link(where: str, link: str) -> Iterator[str]:
    """Carriers filter texts with public link shorteners (CTIA guidelines, 5.1.2)."""
    if found := _SHORTENERS.search(link):
        yield f"{where}: uses the link shortener {found[0]}; carriers block it, write the full link"


def refuse_words(where: str, text: str) -> Iterator[str]:
    """What no sentence may do, written or spoken."""
    yield from refuse_link(where, text)
    folded = fold(text)
    for deed, pattern in _UNSAFE.items():
        if found := pattern.search(folded):
            yield f'{where}: "{found[0]}" {deed}; say what to do instead'
    if found := _ASKS_CARRIER_WORD.search(text):
        yield f'{where}: asks for "{found[0]}"; carriers act on such words, ask for 1 or 2'


def refuse_placeholders(where: str, text: str, known: Iterable[str]) -> Iterator[str]:
    """Names in braces that nothing would fill."""
    for name in sorted(placeholders(text) - set(known)):
        yield f"{where}: {{{name}}} is not known here; known are {', '.join(sorted(known))}"
    if stray_braces(text):
        yield f"{where}: a brace stands alone; placeholders look like {{phone}}"


def refuse_length(
    where: str, text: str, standing: Mapping[str, str], allowed: int
) -> Iterator[str]:
    """Texts that would be billed as more parts than allowed, and characters that double a price."""
    for mark in sorted(set(text) & set(_TYPOGRAPHIC)):
        name = f"U+{ord(mark):04X}"
        yield f"{where}: has the typographic character {name}; write {_TYPOGRAPHIC[mark]} instead"
    longest = {name: "x" * length for name, length in LONGEST.items()} | dict(standing)
    full = fill(text, {name: longest.get(name, "") for name in placeholders(text)})
    if (needed := segments(full)) > allowed:
        yield f"{where}: needs {needed} segments, {allowed} allowed ({len(full)} characters)"


def refuse_text(
    where: str,
    text: str,
    standing: Mapping[str, str],
    allowed: int,
    own: Iterable[str] = (),
) -> Iterator[str]:
    """Everything that is refused in something the line writes."""
    yield from refuse_placeholders(where, text, {*standing, *own})
    yield from refuse_words(where, text)
    yield from refuse_length(where, text, standing, allowed)


def refuse_replies(
    where: str, replies: Mapping[str, Reply], standing: Mapping[str, str]
) -> Iterator[str]:
    """Missing, unknown and unfit replies; safety replies that name no way to help."""
    yield from refuse_keys(where, replies, REPLIES)
    for key, reply in replies.items():
        here = f"{where}: {key}"
        own = REPLIES.get(key, frozenset())
        yield from refuse_text(here, reply.text, standing, reply.max_segments, own)
        for name in sorted(own - placeholders(reply.text)):
            yield f"{here}: must hold {{{name}}}"
        yield from refuse_helpless(here, key, reply.text)


def refuse_helpless(where: str, key: str, text: str) -> Iterator[str]:
    """A safety reply without 911, and one to suicidal words without 988."""
    if key.startswith("safety_"):
        yield from refuse_without(where, text, "911")
    if key == "safety_suicide":
        yield from refuse_without(where, text, "988")


def refuse_without(where: str, text: str, number: str) -> Iterator[str]:
    """A text that must name a number to dial; "9 1 1" is how it is spoken."""
    if not re.search(rf"\b({number}|{' '.join(number)})\b", text):
        yield f"{where}: must name {number}"


def refuse_keys(where: str, found: Iterable[str], needed: Iterable[str]) -> Iterator[str]:
    """Keys that are missing, and keys that nothing uses."""
    for key in sorted(set(needed) - set(found)):
        yield f"{where}: {key} is missing"
    for key in sorted(set(found) - set(needed)):
        yield f"{where}: {key} is not a key the line uses"


def refuse_spoken(
    where: str, lines: Mapping[str, Spoken], standing: Mapping[str, str]
) -> Iterator[str]:
    """The same for what is said on the telephone, where length costs nothing."""
    yield from refuse_keys(where, lines, SPOKEN)
    for key, line in lines.items():
        own = SPOKEN.get(key, frozenset())
        yield from refuse_placeholders(f"{where}: {key}", line.text, {*standing, *own})
        yield from refuse_words(f"{where}: {key}", line.text)
        yield from refuse_helpless(f"{where}: {key}", key, line.text)


def refuse_program(
    where: str, program: Program, standing: Mapping[str, str], language: str
) -> Iterator[str]:
    """Steps out of order or too long, and check-ins that leave out a family of signs."""
    ids = [step.id for step in program.steps]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{where}: the step {twice} is there twice"
    days = [step.day for step in program.steps]
    if any(later <= earlier for earlier, later in itertools.pairwise(days)):
        yield f"{where}: the days of the steps must rise from one to the next"
    if sum(step.check_in is not None for step in program.steps) * 2 <= len(program.steps):
        yield f"{where}: fewer than half of the steps have a check-in"
    for step in program.steps:
        here, message = f"{where}: {step.id}", program.message(step)
        yield from refuse_step(here, step, message, standing, language)


def refuse_step(
    where: str, step: Step, message: str, standing: Mapping[str, str], language: str
) -> Iterator[str]:
    """One step: what is sent with its check-in, what MORE sends, what is spoken."""
    known = {**standing, "number": "9", "count": "9"}
    yield from refuse_text(f"{where}.text with check-in", message, known, step.max_segments)
    yield from refuse_text(f"{where}.more", step.more, known, step.max_segments)
    yield from refuse_placeholders(f"{where}.spoken", step.spoken, known)
    yield from refuse_words(f"{where}.spoken", step.spoken)
    if step.check_in is not None:
        yield from refuse_check_in(f"{where}.check_in", step.check_in, language)


def refuse_check_in(where: str, check_in: str, language: str) -> Iterator[str]:
    """A check-in names all four families of signs and says what answers "none"."""
    folded = fold(check_in)
    for family, stems in _SIGNS[language].items():
        if not any(stem in folded for stem in stems):
            yield f"{where}: does not ask after {family}"
    if _CODES[language].casefold() not in check_in.casefold():
        yield f'{where}: must say "{_CODES[language]}"'


def refuse_faq(
    where: str, faq: Mapping[str, FaqEntry], standing: Mapping[str, str]
) -> Iterator[str]:
    """Answers that do not fit, and one wording given to two questions."""
    owner: dict[str, str] = {}
    for key, entry in faq.items():
        yield from refuse_text(f"{where}: {key}", entry.answer, standing, entry.max_segments)
        for ask in map(fold, entry.asks):
            if owner.setdefault(ask, key) != key:
                yield f'{where}: "{ask}" is asked by both {owner[ask]} and {key}'


def refuse_hears(where: str, hears: Hears, intents: Iterable[str]) -> Iterator[str]:
    """Intents without words, words taken from the carrier, opt-out words of the law left out."""
    for intent in sorted(set(intents) - set(hears.whole)):
        yield f"{where}: {intent} has no words"
    for missing in sorted(FCC_WORDS - hears.whole.get("opt_out", frozenset())):
        yield f'{where}: opt_out must hear "{missing}" (FCC rule on revoking consent)'
    for intent, phrases in hears.whole.items():
        for owner, words in CARRIER_WORDS.items():
            for word in sorted(phrases & words if intent != owner else ()):
                yield f'{where}: "{word}" cannot mean {intent}, carriers take it as {owner}'


def refuse_unheard(where: str, text: str, heard: Collection[str]) -> Iterator[str]:
    """Commands offered in capitals that the line would not understand."""
    for command in sorted(set(_COMMAND.findall(text))):
        if fold(command) not in heard:
            yield f"{where}: offers {command}, which hears.toml does not know"


def refuse_differences(where: str, shapes: Mapping[str, object]) -> Iterator[str]:
    """Languages of which one has something that another has not."""
    first, *others = shapes
    for other in others:
        if shapes[other] != shapes[first]:
            yield f"{where}: {first} and {other} differ: {shapes[first]} against {shapes[other]}"
