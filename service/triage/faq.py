"""Which of the articles' questions a free text asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from rapidfuzz import fuzz

from service.triage.words import split

_ALIKE = 84  # of 100: how near a text must come to a known wording
_SAME = {
    "crack": "pop", "cracking": "pop", "cracked": "pop", "popping": "pop", "popped": "pop",
    "pops": "pop", "adjust": "pop", "adjusting": "pop", "okay": "safe", "ok": "safe",
    "alright": "safe", "bad": "safe", "dangerous": "safe", "backs": "back", "spine": "back",
    "stepping": "step", "standing": "step", "stand": "step", "walking": "step", "walk": "step",
    "husband": "somebody", "wife": "somebody", "kid": "somebody", "kids": "somebody",
    "son": "somebody", "daughter": "somebody", "someone": "somebody", "friend": "somebody",
    "boyfriend": "somebody", "girlfriend": "somebody", "child": "somebody", "times": "often",
    "hurts": "hurt", "hurting": "hurt", "pain": "hurt", "painful": "hurt", "tronar": "tronarme",
    "tronarse": "tronarme", "tronarmela": "tronarme", "crujir": "tronarme", "esposo": "alguien",
    "esposa": "alguien", "hijo": "alguien", "hija": "alguien", "marido": "alguien",
    "malo": "seguro", "peligroso": "seguro", "duela": "duele", "doler": "duele",
}  # fmt: skip
_EMPTY = {
    "the", "a", "an", "to", "of", "in", "on", "at", "i", "me",
    "my", "mine", "it", "its", "is", "are", "am", "be", "do", "does",
    "did", "can", "could", "should", "would", "will", "you", "your", "y", "so",
    "just", "really", "please", "hi", "hello", "hey", "own", "lower", "low", "myself",
    "yourself", "this", "that", "if", "el", "la", "los", "las", "un", "una",
    "de", "en", "mi", "se", "que", "es", "yo", "lo", "le", "hola",
    "por", "favor", "baja", "puedo", "puede", "debo", "su", "al",
}  # fmt: skip


def match_question(text: str, wordings: Mapping[str, Sequence[str]]) -> str | None:
    """The key of the question that `text` asks in either language, or None.

    `wordings` are the "asks" lists of `messages/<lang>/faq.toml`. Whether the question describes a
    symptom is not decided here: call only when `assess` found none.
    """
    asked = list(_sentences(text))
    scored = [
        (max(_alike(sentence, _known(wording)) for sentence in asked), len(wording), name)
        for name, known in wordings.items()
        for wording in known
        if asked
    ]
    best = max(scored, default=(0.0, 0, ""))
    return best[2] if best[0] >= _ALIKE else None


def _sentences(text: str) -> Iterator[str]:
    """Each sentence as a key to compare."""
    sentences: dict[int, list[str]] = {}
    for word in split(text):
        sentences.setdefault(word.sentence, []).append(word.plain)
    for words in sentences.values():
        yield _key(" ".join(words))


def _key(text: str) -> str:
    """The words that carry the question, each in one spelling; all words of a very short one."""
    plain = [_SAME.get(word.plain, word.plain) for word in split(text)]
    telling = [word for word in plain if word not in _EMPTY]
    return " ".join(telling if len(telling) > 1 else plain)


@cache
def _known(wording: str) -> str:
    """The key of a wording from `messages/`: the same few hundred, compared with every text."""
    return _key(wording)


def _alike(asked: str, known: str) -> float:
    """Likeness from 0 to 100: word for word, or all of a known wording inside a longer text."""
    whole = fuzz.token_sort_ratio(asked, known)
    words = set(known.split())
    shared = len(set(asked.split()) & words)
    inside = 99.0 * shared / len(words) if shared >= 3 else 0.0
    return max(whole, inside)
