"""A message as words: plain spelling, where each word stood, and where sentences end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

_PIECE = re.compile(
    r"(?P<number>\d+(?:[.,/:]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’`´ʼ][^\W\d_]+)*)"
    r"|(?P<stop>[.!?¿¡;\n…]+)"
    r"|(?P<comma>[,:()—–\"“”]|\s-+\s|\.\.+)"
)
_ABBREVIATION = frozenset({"dr", "mr", "mrs", "ms", "st", "vs", "approx", "sra", "sr", "dra", "l"})
_ELONGATED = re.compile(r"(.)\1{2,}")
_POSSESSIVE = re.compile(
    r"(?<!it)(?<!he)(?<!at)(?<!re)(?<!ho)(?<!et)(?<!ow)['’`´ʼ]s$", re.IGNORECASE
)
_LONG, _FORCED = 30, 60  # words after which a run-on sentence is cut: at a joiner, anywhere
_BEGINNERS = frozenset({"and", "so", "then", "also", "anyway", "y", "entonces"})
_NOT_LETTERS = re.compile(r"[^\w]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, plainly spelled, with its place in the message as it was sent.

    `passage` counts what full stops part; `sentence` also cuts what runs on without any.
    """

    plain: str
    start: int
    end: int
    sentence: int
    after_comma: bool
    asked: bool = False
    passage: int = 0


@dataclass(frozen=True, slots=True)
class Masked:
    """A stretch of the message that is no complaint: an address, a name, a quotation of ours."""

    start: int
    end: int


MASKED_WORD = "§"


def plain(text: str) -> str:
    """Lower case, no accents, no apostrophes: "Can't" and "cant" are one word."""
    bare = text.lower()
    if not bare.isascii():
        apart = unicodedata.normalize("NFKD", bare)
        bare = "".join(c for c in apart if not unicodedata.combining(c))
    return _NOT_LETTERS.sub("", bare)


def shorten(word: str, known: Callable[[str], bool]) -> str:
    """Undo a drawn-out spelling: "sooo" to "so", "feeel" to "feel" where that is a known word."""
    if not _ELONGATED.search(word):
        return word
    double = _ELONGATED.sub(r"\1\1", word)
    return double if known(double) else _ELONGATED.sub(r"\1", word)


def _spelled(piece: str, number: bool, known: Callable[[str], bool]) -> str:
    """The plain word: "wife's" is "wife", but "it's", "he's" and "that's" keep their verb."""
    if number:
        return piece
    return shorten(plain(_POSSESSIVE.sub("", piece)), known)


def split(
    text: str, masked: Sequence[Masked] = (), known: Callable[[str], bool] = lambda _: True
) -> tuple[Word, ...]:
    """The words of a message in order; a masked stretch becomes one placeholder word."""
    words: list[Word] = []
    sentence, passage, comma, hidden = 0, 0, False, list(masked)
    for piece in _PIECE.finditer(text):
        if hidden and piece.start() >= hidden[0].start:
            mask = hidden[0]
            words.append(Word(MASKED_WORD, mask.start, mask.end, sentence, comma, passage=passage))
            while hidden and hidden[0].end <= piece.end():
                hidden.pop(0)
        if any(m.start <= piece.start() < m.end for m in masked):
            continue
        if piece.lastgroup == "stop":
            if not (piece.group() == "." and words and words[-1].plain in _ABBREVIATION):
                words = _mark_question(words, sentence, piece.group())
                sentence, passage, comma = sentence + 1, passage + 1, False
        elif piece.lastgroup == "comma":
            comma = True
        else:
            if _runs_on(words, sentence, plain(piece.group())):
                sentence += 1
            spelled = _spelled(piece.group(), piece.lastgroup == "number", known)
            words.append(
                Word(spelled, piece.start(), piece.end(), sentence, comma, passage=passage)
            )
            comma = False
    return tuple(words)


def _runs_on(words: Sequence[Word], sentence: int, word: str) -> bool:
    """Whether a sentence without stops has gone on so long that this word begins another."""
    enough = _FORCED if word not in _BEGINNERS else _LONG
    return len(words) >= enough and words[-enough].sentence == sentence


def _mark_question(words: list[Word], sentence: int, stop: str) -> list[Word]:
    """Remember which words stood in a sentence that ended with a question mark."""
    if "?" not in stop:
        return words
    return [replace(w, asked=True) if w.sentence == sentence else w for w in words]
