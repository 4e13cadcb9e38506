"""The line above the town: where it starts, whether it is one, how it is written. Pure."""

import re
from typing import Final

import usaddress

# Words that end a street's name, as people write them, and the short form (USPS Publication 28,
# appendix C1; the common ones).
SUFFIXES: Final = {
    "alley": "aly", "aly": "aly", "avenue": "ave", "ave": "ave", "av": "ave", "bend": "bnd",
    "blvd": "blvd", "boulevard": "blvd", "bridge": "brg", "branch": "br", "bluff": "blf",
    "circle": "cir", "cir": "cir", "court": "ct", "ct": "ct", "cove": "cv", "cv": "cv",
    "creek": "crk", "crossing": "xing", "xing": "xing", "drive": "dr", "dr": "dr", "drv": "dr",
    "estates": "ests", "extension": "ext", "ext": "ext", "farm": "frm", "ferry": "fry", "field": "fld",
    "fork": "frk", "gate": "gt", "glen": "gln", "green": "grn", "grove": "grv", "harbor": "hbr",
    "heights": "hts", "highway": "hwy", "hwy": "hwy", "hill": "hl", "hills": "hls", "hollow": "holw",
    "island": "is", "junction": "jct", "knoll": "knl", "lake": "lk", "landing": "lndg", "lndg": "lndg",
    "lane": "ln", "ln": "ln", "loop": "loop", "manor": "mnr", "meadow": "mdw", "mill": "ml",
    "neck": "nck", "orchard": "orch", "park": "park", "parkway": "pkwy", "pkwy": "pkwy",
    "pass": "pass", "path": "path", "pike": "pike", "place": "pl", "pl": "pl", "plaza": "plz",
    "point": "pt", "pt": "pt", "ridge": "rdg", "road": "rd", "rd": "rd", "roads": "rds", "route": "rte",
    "run": "run", "shore": "shr", "shores": "shrs", "spring": "spg", "springs": "spgs",
    "square": "sq", "sq": "sq", "street": "st", "st": "st", "str": "st", "terrace": "ter",
    "ter": "ter", "trace": "trce", "trail": "trl", "trl": "trl", "turnpike": "tpke", "view": "vw",
    "village": "vlg", "walk": "walk", "way": "way", "wharf": "whrf", "woods": "wds",
}  # fmt: skip
_DIRECTIONS: Final = {
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "n": "n", "s": "s", "e": "e", "w": "w", "ne": "ne",
    "nw": "nw", "se": "se", "sw": "sw",
}  # fmt: skip
_UNIT: Final = (
    r"(?:apt|unit|lot|suite|ste|bldg|building|room|rm|floor|fl|trlr|trailer|spc|space)\b\.?"
)
_PO: Final = r"(?:p\.?\s*o\.?|post\s+office|postal|pob)\s*(?:box|bx|b\.)?"
_FORMS: Final = (
    (re.compile(rf"\b(?:{_PO}\s*|box\s+|apartado\s+(?:postal\s+)?)#?\s*(\w*\d[\w-]*)", re.I), r"PO Box \1"),
    (re.compile(r"\b(?:r\.?\s*r\.?|r\.?f\.?d\.?|rural\s+(?:route|rt)|route|rt\.?|rte)\s*#?\s*(\d+),?"
                r"\s*(?:PO\s+)?(?:box|bx)\s*#?\s*(\w+)", re.I), r"RR \1 Box \2"),
    (re.compile(r"\b(?:h\.?\s*c\.?|highway\s+contract(?:\s+route)?)\s*#?\s*(\d+),?\s*(?:PO\s+)?"
                r"(?:box|bx)\s*#?\s*(\w+)", re.I), r"HC \1 Box \2"),
    (re.compile(r"\b(?:general\s+deliver[yi]|gen\.?\s+del(?:ivery)?\.?)\b", re.I), "General Delivery"),
)  # fmt: skip
_HOUSE: Final = re.compile(r"(?<![\w#-])\d+(?:-?[A-Za-z]|-\d+)?(?:\s+1/2)?(?=[\s,]|$)")
_WHOLE: Final = re.compile(r"(?:PO Box \S+|RR \d+ Box \w+|HC \d+ Box \w+|General Delivery)", re.I)
_CAPITAL: Final = {"po", "rr", "hc", "ne", "nw", "se", "sw", "us", "va", "c/o", "n", "s", "e", "w"}


def starts_at(text: str) -> int | None:
    """Where the street or box begins in `text`; None when there is none."""
    found = [match.start() for form, _ in _FORMS if (match := form.search(text))]
    if house := _HOUSE.search(text):
        behind = text[house.end() :].strip(" ,")
        if re.match(r"[A-Za-z]", behind) or re.match(r"\d+(?:st|nd|rd|th)\b", behind, re.I):
            found.append(house.start())
    return min(found, default=None)


def written(street: str) -> str:
    """The street with boxes and routes in the post's own form: "RR 2 Box 114"."""
    for form, instead in (_FORMS[1], _FORMS[2], _FORMS[0], _FORMS[3]):
        if instead.startswith("PO") and re.search(r"\b(?:RR|HC) \d+ Box \w+", street):
            continue
        street = form.sub(instead, street)
    return street


def streetlike(text: str) -> bool:
    """Whether this is one street address, box or route, with nothing left over."""
    street = written(text).strip(" ,.")
    first, _, extra = street.partition(",")
    if _WHOLE.fullmatch(first.strip()):
        return not extra.strip() or _is_extra(extra)
    if not _HOUSE.match(first) or len(first.split()) < 2:
        return False
    return _nothing_left(first) and (not extra.strip() or all(map(_is_extra, extra.split(","))))


def _is_extra(text: str) -> bool:
    """A second line: a unit, a box, "c/o"."""
    text = text.strip()
    return bool(
        re.fullmatch(rf"(?:{_UNIT}\s*#?\s*[\w-]+|#\s*[\w-]+|c/o\s+.+|{_WHOLE.pattern})", text, re.I)
        or re.fullmatch(
            r"\d+(?:st|nd|rd|th)? floor|upstairs|rear|(?:north|south|east|west) wing", text, re.I
        )
    )


def _nothing_left(street: str) -> bool:
    """No words behind the one that ends a street's name, but for a unit or a direction."""
    words = re.sub(
        rf"(?:\s+(?:{_UNIT}\s*#?\s*[\w-]+|#\s*[\w-]+|{_WHOLE.pattern}))+\s*$",
        "",
        street,
        flags=re.I,
    )
    folded = [word.casefold().strip(".,") for word in words.split()[1:]]
    if folded and folded[-1] in _DIRECTIONS and len(folded) > 1:
        folded.pop()
    ends = [place for place, word in enumerate(folded) if word in SUFFIXES and place]
    numbered = re.search(
        r"\b(?:route|rt|rte|highway|hwy|state road|county road|sr|us|va)\.?\s+\d+\w?$", words, re.I
    )
    if not folded or any(re.search(r"\d{5}", word) for word in folded):
        return False
    if numbered or not ends or ends[-1] == len(folded) - 1:
        return bool(numbered or ends) or _parser_agrees(words)
    return False


def _parser_agrees(street: str) -> bool:
    """A name without a word such as Road: whether usaddress reads number and name, and nothing more."""
    try:
        labels, kind = usaddress.tag(street)
    except usaddress.RepeatedLabelError:
        return False
    known = {"AddressNumber", "StreetName", "StreetNamePreType", "StreetNamePreModifier",
             "StreetNamePreDirectional", "StreetNamePostType", "StreetNamePostDirectional"}  # fmt: skip
    return (
        kind == "Street Address"
        and {"AddressNumber", "StreetName"} <= set(labels) <= known
        and (len(street.split()) <= 3)
    )


def tidy_street(street: str) -> str:
    """As it is written on the envelope, capitals where they belong, a line for each part."""
    lines = [part.strip(" .") for part in written(street).split(",") if part.strip(" .")]
    return "\n".join(map(_capitals, lines))


def tidy_name(name: str) -> str:
    """A name as it is written on the envelope."""
    return _capitals(" ".join(name.split()).strip(" .,:-"))


def _capitals(text: str) -> str:
    """Capitals for what was typed all small or all large; what has both is left alone."""
    if not (text.islower() or text.isupper() or re.search(r"\b[a-z]{3,} [a-z]{3,}\b", text)):
        return text
    return " ".join(map(_capital, text.split()))


def _capital(word: str) -> str:
    if word.casefold().strip(".") in _CAPITAL:
        return word.lower() if word.casefold() == "c/o" else word.upper()
    if word != word.lower() and word != word.upper():
        return word
    return re.sub(
        r"(?:^|[-(])[a-zà-ÿ]|(?<=^o')[a-z]|(?<=^mc)[a-z]", lambda m: m[0].upper(), word.lower()
    )


def household_key(address: str) -> str:
    """An address in one form, however it was written: what makes two requests one household.

    The house number, street, unit and five figures of the ZIP; directions and street words short.
    """
    zip_code = re.findall(r"\b\d{5}\b", address)
    lines = [line for line in written(address).split("\n") if not line.casefold().startswith("c/o")]
    street = " ".join(lines[:-1]) if len(lines) > 1 else address
    words = re.findall(r"[a-z0-9]+", street.casefold().replace("'", "").replace("#", " apt "))
    short = [SUFFIXES.get(word, _DIRECTIONS.get(word, word)) for word in words]
    units = ["apt" if word in ("unit", "suite", "ste", "lot", "no") else word for word in short]
    return " ".join([*(zip_code[-1:] or lines[-1:]), *units]).casefold()
