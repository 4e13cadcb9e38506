"""The talk about where a report goes: name, address, ZIP, reading back, corrections. Pure.

It forgives: everything in one text or in several, in any order. It asks only for what is missing, asks
once about what does not fit together, and then leaves it to a person rather than to the mail.
"""

import re
from collections.abc import Mapping

from service.conversation.effects import (
    Ask,
    CorrectReport,
    Effect,
    EndDialog,
    Enroll,
    Flag,
    KeepWebConsent,
    RequestReport,
    Say,
)
from service.conversation.heard import DialogState, Known, Question, Understood
from service.report_requests.address import (
    ZIP,
    Address,
    Doubt,
    clean_name,
    looks_like_address,
    read_address,
    trusting_zip,
    with_zip,
)
from service.report_requests.places import place_of
from service.report_requests.rules import Delivery
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

MOST_TRIES = 3
CORRECTING = re.compile(
    r"\b(wrong|incorrect|mistake|typo|correct|correction|change|changed|fix|update|moved|new address"
    r"|not|should be|instead|actually|mal|equivocad[oa]|correg\w+|cambi\w+|me mud[eé])\b",
    re.I,
)
SAME_ADDRESS = re.compile(
    r"\bsame (?:address|place|house|one)\b|\bmism[oa] (?:direcci[oó]n|domicilio|casa)\b", re.I
)
_NEW_NAME = re.compile(
    r".*\bname\s*(?:is|should be|:|=)\s*(?!\s|wrong|not|(?:mis)?spelled)(.+)"
    r"|.*\bnombre (?:correcto )?es\s+(?!\s|incorrecto|equivocado)(.+)",
    re.I,
)
_NAME_WRONG = re.compile(r"\b(?:name|nombre)\b", re.I)
_ASKED_FOR = re.compile(
    r"^.*\b(?:report|book|booklet|packet|reporte)\b"
    r"(?:[\s,.:;-]+(?:please|pls|by|in|the|mail|to|me|at|por|favor|correo|a)\b)*[\s,.:;-]*",
    re.I | re.S,
)

Answers = Mapping[str, str]


def begin(known: Known, text: str) -> list[Effect] | None:
    """The report asked for with the address in the same text; None when none stands in it."""
    said = _ASKED_FOR.sub("", text, count=1)
    if not looks_like_address(said) or Doubt.STREET in read_address(said).doubts:
        return None
    return _address(known, said, {})


def answer(
    known: Known, dialog: DialogState, text: str, understood: Understood
) -> list[Effect] | None:
    """What a text means as an answer to one of the questions about the mail; None when it is none."""
    match dialog.question:
        case Question.NAME:
            return _name(known, text, dialog.answers)
        case Question.ADDRESS:
            return _address(known, text, dialog.answers)
        case Question.ZIP:
            return _zip(text, dialog.answers)
    return _confirm(dialog.answers, text, understood)


def correction(known: Known, text: str) -> list[Effect] | None:
    """A correction after all was settled ("wrong zip its 22482"): read back and confirmed again."""
    if not CORRECTING.search(text) or not (known.report_to and known.report_address):
        return None
    answers = {"name": known.report_to, "address": known.report_address, "correcting": "yes"}
    return _corrected(answers, text)


def confirm_web(answers: Answers, understood: Understood) -> list[Effect] | None:
    """What was asked for on the public page, confirmed by text; only now does it count."""
    if "decline" in understood.intents:
        return [EndDialog(), Say("web_declined")]
    if "confirm" not in understood.intents:
        return None
    effects: list[Effect] = [KeepWebConsent()]
    if answers["delivery"] == Delivery.LINK:
        effects += [RequestReport(Delivery.LINK), Say("report_link")]
    else:
        doubtful = "doubtful" in answers
        effects.append(RequestReport(Delivery.MAIL, answers["name"], answers["address"], doubtful))
    if "shown_tips" in answers:
        effects += [Enroll(), Say("tips_started")]
    return [*effects, EndDialog()]


def _name(known: Known, text: str, answers: Answers) -> list[Effect]:
    """A name; or a name with the address behind it, which saves a question."""
    if looks_like_address(text):
        return _address(known, text, answers)
    if re.search(r"\d", text) and not re.search(r"[^\W\d_]", text):
        return [Ask(Question.NAME, {**answers, "so_far": text[:300]}, again=True)]  # a ZIP, say
    name = clean_name(SAME_ADDRESS.split(text)[0])
    name = re.sub(r"[\s,]*(?:and|at|y)?$", "", name)
    named = {**answers, "name": name}
    if SAME_ADDRESS.search(text):
        return _same_address(known, named)
    if "address" in answers:
        return [Ask(Question.CONFIRM, named)]
    return [Ask(Question.ADDRESS, named)]


def _address(known: Known, text: str, answers: Answers) -> list[Effect]:
    if SAME_ADDRESS.search(text):
        return _same_address(known, answers)
    read, heard = _best_reading(text, answers.get("so_far", ""))
    told = {**answers, "so_far": heard[:300]}
    if read.recipient and not told.get("name"):
        told["name"] = read.recipient
    if Doubt.STREET in read.doubts:
        return _unclear(text, told)
    return _go_on(read, told)


def _best_reading(text: str, so_far: str) -> tuple[Address, str]:
    """The text alone, or behind what was said before: whichever leaves fewer doubts."""
    readings = [(read_address(each), each) for each in (text, f"{so_far}, {text}") if each]
    if not so_far:
        return readings[0]
    return min(readings, key=lambda reading: len(reading[0].hard))


def _go_on(read: Address, told: dict[str, str]) -> list[Effect]:
    """Ask about the first thing that does not fit or is missing; else read it back."""
    told["address"] = read.text
    if Doubt.NO_ZIP in read.doubts:
        return [Ask(Question.ZIP, told)]
    if read.hard and "zip" not in told:
        place = place_of(read.zip or "")
        told["zip"] = read.zip or ""
        told["place"] = f"{place.town}, {place.state}" if place else ""
        return [Ask(Question.ZIP, told, key="zip_differs" if place else "zip_unknown")]
    if read.hard:
        told["doubtful"] = "yes"
    if not told.get("name"):
        return [Ask(Question.NAME, told)]
    return [Ask(Question.CONFIRM, told)]


def _same_address(known: Known, answers: Answers) -> list[Effect]:
    """Only an address given on this very phone is known to us: another's is nobody's to hear."""
    if known.last_address is None:
        return [Ask(Question.ADDRESS, answers, key="same_address")]
    told = {**answers, "address": known.last_address}
    return [Ask(Question.CONFIRM if told.get("name") else Question.NAME, told)]


def _unclear(text: str, told: dict[str, str]) -> list[Effect]:
    """Ask once more; then a person takes over with what was said."""
    tries = int(told.get("tries", "0")) + 1
    told |= {"tries": str(tries), f"said {tries}": text[:200]}
    if tries < MOST_TRIES:
        return [Ask(Question.ADDRESS, told, key="address_unclear")]
    return [EndDialog(), Flag(ReviewKind.HALF_REQUEST, Level.REVIEW), Say("person_will_read")]


def _zip(text: str, answers: Answers) -> list[Effect]:
    told = dict(answers)
    if looks_like_address(text):
        read = read_address(text)
        if Doubt.STREET not in read.doubts and read.zip:
            return _go_on(read, told)
    found = ZIP.findall(text)
    if not found:
        return _still_no_zip(text, told)
    zip_code = found[-1][0]
    read = with_zip(read_address(told["address"]), zip_code)
    if zip_code == told.get("zip"):
        read = trusting_zip(read)
    elif place_of(zip_code) and "zip" in told:
        read = trusting_zip(read)  # asked about the ZIP once: the new one is taken at its word
    return _go_on(read, told)


def _still_no_zip(text: str, told: dict[str, str]) -> list[Effect]:
    """The town was sent in place of its ZIP: keep it, and ask for the ZIP once more."""
    if told.get("zip"):
        return [Ask(Question.ZIP, told, key="zip_unknown")]
    read = read_address(f"{told['address']}, {text}")
    if read.town and not read.doubts & {Doubt.STREET, Doubt.TOWN_UNKNOWN}:
        return [Ask(Question.ZIP, {**told, "address": read.text})]
    return [Ask(Question.ZIP, told, again=True)]


def _confirm(answers: Answers, text: str, understood: Understood) -> list[Effect] | None:
    if "confirm" in understood.intents:
        return _confirmed(answers)
    if "change" in understood.intents:
        kept = {"correcting": "yes"} if "correcting" in answers else {}
        return [Ask(Question.NAME, kept)]
    return _corrected(answers, text)


def _confirmed(answers: Answers) -> list[Effect]:
    name, address = answers["name"], answers["address"]
    if "correcting" in answers:
        return [CorrectReport(name, address), EndDialog()]
    doubtful = "doubtful" in answers
    return [RequestReport(Delivery.MAIL, name, address, doubtful), EndDialog()]


def _corrected(answers: Answers, text: str) -> list[Effect] | None:
    """The part that was wrong, put right: a ZIP, a street, a whole address, a name."""
    told = {key: value for key, value in answers.items() if key not in ("zip", "so_far")}
    known = read_address(told["address"])
    if looks_like_address(text):
        read = _instead(known, read_address(text), text)
        if Doubt.STREET not in read.doubts:
            return _go_on(read, told)
    if found := ZIP.findall(re.sub(r"\bnot\s+\d{5}\b", "", text)):
        return _go_on(with_zip(known, found[-1][0]), told)
    if name := _NEW_NAME.search(text):
        return [Ask(Question.CONFIRM, {**told, "name": clean_name(name[1] or name[2])})]
    if _NAME_WRONG.search(text) and CORRECTING.search(text):
        return [Ask(Question.NAME, {key: each for key, each in told.items() if key != "name"})]
    return None


def _instead(known: Address, read: Address, text: str) -> Address:
    """A new street alone keeps the town and ZIP that were right."""
    if read.zip or (read.town and read.town != known.town):
        return read
    said = re.sub(CORRECTING, ",", text)
    street = read_address(said).street
    return read_address(f"{street}, {known.town}, {known.state} {known.zip}")
