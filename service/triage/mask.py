"""Stretches of a message that are no complaint: addresses, names, quotations of our own texts."""

from __future__ import annotations

import re

from service.triage.words import Masked

_STREET = (
    r"(?:rd|road|st|street|ln|lane|ct|court|dr|drive|ave|avenue|blvd|boulevard|hwy|highway|pkwy"
    r"|pike|trl|trail|cir|circle|way|pl|place|ter|terrace|loop|run|cv|cove|xing|crossing|hollow"
    r"|holw|ridge|apt|lot|route|rte|rt|sq|square)"
)
_STATE = r"(?:VA|WV|NC|SC|TN|KY|MD|DC|PA|GA|OH|TX|FL|NY|NJ|DE|Va|Virginia)"
_NAME = r"[A-ZÁÉÍÓÚÑ][\w'’-]*"
_PATTERNS = (
    # number, a few words, a kind of street, and what follows of the place
    rf"\b\d{{1,6}}[A-Za-z]?\s+(?:(?!(?:my|and|is|in|the|years?|days?|weeks?|feet|ft)\b)[\w.'’-]+\s+)"
    rf"{{1,4}}?(?i:{_STREET})\b\.?(?:,?\s+(?:(?i:apt|unit|lot|box|#)\s*\w+))?"
    rf"(?:,?\s+{_NAME}(?:\s+{_NAME}){{0,2}}(?=,|\s+{_STATE}\b|\s+\d{{5}}|\s*$))?"
    rf"(?:,?\s*{_STATE}\b)?(?:\s+\d{{5}}(?:-\d{{4}})?)?",
    # a named street without its number
    rf"\b(?:{_NAME}\s+){{1,3}}(?:Rd|Road|St|Street|Ln|Lane|Ct|Court|Ave|Avenue|Blvd|Hwy|Pike|Trl"
    rf"|Trail|Cir|Circle|Hollow|Loop|Terrace)\b\.?(?:,?\s*(?i:box|apt|lot)\s*\w+)?",
    r"\b(?i:p\.?\s?o\.?\s*box|apartado(?: postal)?)\s*#?\d+",
    # a place and its state: "Hurt VA", "Accident MD"
    rf"\b{_NAME}(?:\s+{_NAME}){{0,2}},?\s+{_STATE}\b(?:\s+\d{{5}})?",
    r"\b(?:Falls Church|Fallsburg|Cape Fear|Roaring Fork|Chest Springs)\b",
    rf"\b(?i:\d+\s+)?(?i:calle|avenida|av|colonia|col|camino|callej[oó]n)\.?\s+(?:(?i:de|del|la|los|las|el)\s+)*{_NAME}"
    rf"(?:\s+{_NAME})?",
    # titles and names people give
    rf"\b(?:Dr|Dra|Doctor|Doctora|Mr|Mrs|Ms|Miss|Sr|Sra|St|Saint|Nurse|Pastor|Don|Doña)\b\.?\s+{_NAME}(?:['’]s)?",
    rf"\b(?i:this is|my name is|name['’]?s|it['’]s|this['’]s|habla|soy|me llamo|mi nombre es)\s+"
    rf"(?!I\b|Dr\b|Doctor\b){_NAME}(?:\s+{_NAME}){{0,2}}",
)
_MASKS = tuple(re.compile(pattern) for pattern in _PATTERNS)
_TAPBACK = re.compile(
    r"^\s*(?:(?:Liked|Loved|Disliked|Laughed at|Emphasi[sz]ed|Questioned|Reacted\s+\S+\s+to"
    r"|Removed an? [\w ]+ from|Le gust[oó]|Le encant[oó]|Le dio risa|Le di[oó] .{1,20}? a"
    r"|Enfatiz[oó]|Cuestion[oó]|No le gust[oó]|Reaccion[oó] con\s+\S+\s+a|Me gusta|Me encanta)"
    r"|\S{1,4}\s+to|\S{1,4}\s+a)\s*[“\"«](?P<ours>.*?)[”\"»](?=[^”\"»]*$)",
    re.DOTALL,
)


def masked(text: str) -> tuple[Masked, ...]:
    """What to leave out, in order, never overlapping."""
    found: list[Masked] = []
    tapback = _TAPBACK.match(text)
    if tapback:
        found.append(Masked(tapback.start(), tapback.end()))
    if any(c.isupper() for c in text) or any(c.isdigit() for c in text):
        shouting = text.isupper()
        for pattern in _MASKS[:1] if shouting else _MASKS:
            found.extend(Masked(m.start(), m.end()) for m in pattern.finditer(text))
    return _merged(found)


def is_tapback(text: str) -> bool:
    """Whether the message is a phone's reaction to one of ours and nothing more."""
    match = _TAPBACK.match(text)
    return bool(match) and not re.search(r"\w", text[match.end() :] if match else text)


def _merged(found: list[Masked]) -> tuple[Masked, ...]:
    merged: list[Masked] = []
    for mask in sorted(found, key=lambda m: (m.start, -m.end)):
        if not merged or mask.start >= merged[-1].end:
            merged.append(mask)
        elif mask.end > merged[-1].end:
            merged[-1] = Masked(merged[-1].start, mask.end)
    return tuple(merged)
