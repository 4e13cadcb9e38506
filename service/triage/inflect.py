"""The forms of an English verb, so that the lexicon may name it once: "buckle+"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

_IRREGULAR = {
    "be": "be is are was were being been am",
    "bend": "bend bends bending bent",
    "break": "break breaks breaking broke broken",
    "come": "come comes coming came",
    "cut": "cut cuts cutting",
    "do": "do does doing did done",
    "fall": "fall falls falling fell fallen",
    "feel": "feel feels feeling felt",
    "find": "find finds finding found",
    "fly": "fly flies flying flew flown",
    "forget": "forget forgets forgetting forgot forgotten",
    "get": "get gets getting got gotten",
    "give": "give gives giving gave given",
    "go": "go goes going went gone",
    "have": "have has having had",
    "hit": "hit hits hitting",
    "hold": "hold holds holding held",
    "hurt": "hurt hurts hurting",
    "keep": "keep keeps keeping kept",
    "know": "know knows knowing knew known",
    "lay": "lay lays laying laid",
    "leave": "leave leaves leaving left",
    "let": "let lets letting",
    "lie": "lie lies lying lay",
    "lose": "lose loses losing lost loose loosing",
    "make": "make makes making made",
    "put": "put puts putting",
    "quit": "quit quits quitting",
    "ride": "ride rides riding rode ridden",
    "run": "run runs running ran",
    "say": "say says saying said",
    "send": "send sends sending sent",
    "shake": "shake shakes shaking shook",
    "shut": "shut shuts shutting",
    "sit": "sit sits sitting sat",
    "sleep": "sleep sleeps sleeping slept",
    "slide": "slide slides sliding slid",
    "spin": "spin spins spinning spun",
    "split": "split splits splitting",
    "stand": "stand stands standing stood",
    "stick": "stick sticks sticking stuck",
    "swing": "swing swings swinging swung",
    "take": "take takes taking took taken",
    "tear": "tear tears tearing tore torn",
    "tell": "tell tells telling told",
    "think": "think thinks thinking thought",
    "throw": "throw throws throwing threw thrown",
    "wake": "wake wakes waking woke woken",
    "wet": "wet wets wetting wetted",
    "write": "write writes writing wrote written",
}
_VOWELS = "aeiou"


def spelled_out(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every phrase that `words` stand for: each word ending in `+` in all its forms."""
    return product(*(_forms(word[:-1]) if word.endswith("+") else (word,) for word in words))


def _forms(verb: str) -> Iterable[str]:
    """A verb's forms: "limp, limps, limping, limped"; irregular ones from the table above."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb].split()
    if verb.endswith("e"):
        return verb, f"{verb}s", f"{verb[:-1]}ing", f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb, f"{verb[:-1]}ies", f"{verb}ing", f"{verb[:-1]}ied"
    third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{verb}s"
    stem = f"{verb}{verb[-1]}" if _doubles(verb) else verb
    return verb, third, f"{stem}ing", f"{stem}ed"


def _doubles(verb: str) -> bool:
    """Whether the last letter doubles: "drag, dragging", but not "limp" and not "weaken"."""
    short = sum(letter in _VOWELS for letter in verb) == 1
    return short and len(verb) > 2 and verb[-2] in _VOWELS and verb[-1] not in "aeiouwxy"
