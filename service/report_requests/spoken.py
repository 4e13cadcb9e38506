"""Make texted and spoken addresses plain: fillers out, number words into figures. Pure."""

import re
from typing import Final

_UNITS: Final = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_NUMBER: Final = "|".join([*_UNITS, *_TENS, *_SCALES])
_RUN: Final = re.compile(rf"\b(?:{_NUMBER})(?:[\s-]+(?:and\s+)?(?:{_NUMBER}))*\b", re.I)
_AFTER: Final = re.compile(
    rf"\b(box|apt|apartment|lot|unit|suite|route|rt|number|no|zip)\s+({_RUN.pattern[2:]})", re.I
)
_NO_HOUSE_NUMBER: Final = re.compile(
    r"\b\d{5}(?:-\d{4})?$|\b(?:apt|unit|lot|suite|ste|route|rt|rte|highway|hwy)\.?\s*\d+(?!\s+box)",
    re.I,
)

_MY = r"(?:(?:my|our|the|his|her)\s+)?"
_IS = r"(?:\s*(?:is|:|=|would be|should be)\s*|\s+)"
# What leads up to a name or an address; a comma takes its place.
_LEADS: Final = re.compile(
    r"(?:\b(?:and|so|well)\s+)?(?:"
    rf"\b{_MY}(?:new |correct |right |mailing |home |street |postal )*address(?:{_IS}|$)"
    rf"|\b{_MY}(?:full |first and last )?name\s*(?:is|:|=|'s)\s*"
    r"|\b(?:my name'?s|i am|i'm|im|this is|me llamo|soy)\s+(?=[a-zà-ÿ]+\s)"
    r"|\bmi (?:nombre|direcci[oó]n|domicilio) es\s+|\bvivo en\s+|\bel domicilio es\s+"
    r"|\b(?:i |we )?live (?:at|on|in)\s+|\b(?:i'm|im|we're) at\s+"
    r"|\b(?:please |pls |can you |could you )*(?:send|mail|ship)(?: (?:it|one|the report|that|mine|a copy))*"
    r" (?:to|at)\s+|\b(?:make it out |addressed )to\s+|\bto me at\s+"
    r"|\bzip(?: ?code)?(?: is|:)?\s+|\bpor favor\b|\bplease\b|\bpls\b)",
    re.I,
)
_START: Final = re.compile(
    r"^[\s,]*(?:(?:yes|yeah|yep|yup|ok|okay|sure|hi|hello|hey|hola|si|sí|it's|its|it is|es|uh|um|well"
    r"|mail|address|for|to|mr\.? and mrs\.?(?= and))\b[\s,:.!]*)+(?=\S)",
    re.I,
)
_END: Final = re.compile(
    r"(?:[\s,.!]+(?:usa|u\.s\.a\.?|us|united states|thanks|thank you|thx|ty|please|gracias"
    r"|god bless(?: you)?))+[\s,.!]*$",
    re.I,
)
_MARKS: Final = {
    r"[‘’`´]": "'", r"[“”\"]": "", r"[–—]": "-", r"\s*[\n\r;|]+\s*": ", ",
    r"\bcomma\b": ",", r"\b(?:period|dot)\b": ".", r"\b(?:dash|hyphen)\b": "-",
    r"\b(?:apartment|apartamento|aprt|appt)\b\.?": "Apt", r"\bcare of\b": "c/o",
    r"(?i)\bnumber\s+(?=\d)": "", r"\b(?:pound sign|hashtag)\s*": "#",
}  # fmt: skip


def plain(text: str) -> str:
    """One line without "my address is", thanks and the like; parts are kept apart by commas."""
    for mark, instead in _MARKS.items():
        text = re.sub(mark, instead, text, flags=re.I)
    text = _LEADS.sub(", ", _END.sub("", text))
    text = _figures(_START.sub("", text))
    text = re.sub(r"\s*,[\s,]*", ", ", " ".join(text.split()))
    return text.strip(" .,!:")


def _figures(text: str) -> str:
    """Number words in figures where a number belongs: a ZIP read out, a box, a house number."""
    text = _AFTER.sub(lambda found: f"{found[1]} {_figure(found[2])}", text)
    for run in reversed(list(_RUN.finditer(text))):
        said = _figure(run[0])
        if len(said) == 5 and len(run[0].split()) >= 3 and not text[run.end() :].strip(" ,."):
            text = text[: run.start()] + said
    if re.search(r"\d", _NO_HOUSE_NUMBER.sub("", text)):
        return text
    first = _RUN.search(text)
    if first is None or re.match(r"\s*(?:$|,)|\s+\w+s\b", text[first.end() :]):
        return text  # nothing behind it, or a name such as "Seven Oaks"
    return text[: first.start()] + _figure(first[0]) + text[first.end() :]


def _figure(words: str) -> str:
    """ "two two four eight two" is 22482, "one twenty three" 123, "twelve hundred" 1200."""
    figures, group = "", None
    for word in re.findall(r"[a-z]+", words.casefold()):
        if word == "and":
            continue
        if word in _SCALES:
            group = (group or 1) * _SCALES[word]
            continue
        value = _UNITS.get(word, _TENS.get(word, 0))
        room = 100 if word in _TENS or value >= 10 else 10
        if group is not None and group and group % room == 0 and (group >= 20):
            group += value
            continue
        figures += "" if group is None else str(group)
        group = value
    return figures + ("" if group is None else str(group))
