"""Which of the articles' questions a free text asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from service.triage.words import split

_ALIKE = 84  # of 100: how near a text must come to a known wording
_SAME = {
    "crack": "pop", "cracking": "pop", "cracked": "pop", "popping": "pop", "popped": "pop",
    "pops": "pop", "adjust": "pop", "adjusting": "pop", "okay": "ok", "safe": "ok", "alright": "ok",
    "backs": "back", "spine": "back", "stepping": "step", "standing": "step", "stand": "step",
    "walking": "step", "walk": "step", "husband": "somebody", "wife": "somebody", "kid": "somebody",
    "kids": "somebody", "son": "somebody", "daughter": "somebody", "someone": "somebody",
    "friend": "somebody", "boyfriend": "somebody", "girlfriend": "somebody", "child": "somebody",
    "tronar": "tronarme", "tronarse": "tronarme", "tronarmela": "tronarme", "crujir": "tronarme",
    "esposo": "alguien", "esposa": "alguien", "hijo": "alguien", "hija": "alguien",
    "marido": "alguien", "times": "often", "veces": "cuanto", "lower": "", "low": "", "own": "",
    "really": "", "just": "", "please": "", "doc": "", "doctor": "", "hi": "", "hello": "",
    "hey": "", "hola": "", "baja": "", "por": "", "favor": "", "the": "", "a": "", "to": "",
    "la": "", "el": "", "de": "", "una": "", "un": "", "myself": "", "yourself": "",
}  # fmt: skip
_WORD = re.compile(r"\S+")


def match_question(text: str, wordings: Mapping[str, Sequence[str]]) -> str | None:
    """The key of the question that `text` asks in either language, or None.

    `wordings` are the "asks" lists of `messages/<lang>/faq.toml`. Whether the question describes a
    symptom is not decided here: call only when `assess` found none.
    """
    asked = list(_sentences(text))
    scored = [
        (max(_alike(sentence, _key(wording)) for sentence in asked), len(wording), name)
        for name, known in wordings.items()
        for wording in known
        if asked
    ]
    best = max(scored, default=(0.0, 0, ""))
    return best[2] if best[0] >= _ALIKE else None


def _sentences(text: str) -> Iterator[str]:
    """Each sentence, and the whole, as keys to compare."""
    sentences: dict[int, list[str]] = {}
    for word in split(text):
        sentences.setdefault(word.sentence, []).append(word.plain)
    for words in sentences.values():
        key = _key(" ".join(words))
        if len(key.split()) > 1:
            yield key


def _key(text: str) -> str:
    plain = (_SAME.get(word.plain, word.plain) for word in split(text))
    return " ".join(_WORD.findall(" ".join(plain)))


def _alike(asked: str, known: str) -> float:
    """Likeness from 0 to 100: word for word, or all of a known wording inside a longer text."""
    whole = fuzz.token_sort_ratio(asked, known)
    words = set(known.split())
    shared = len(set(asked.split()) & words)
    inside = 99.0 * shared / len(words) if shared >= 3 else 0.0
    return max(whole, inside)
