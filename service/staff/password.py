"""Passwords: long enough, not among the common ones, kept as argon2id.

NIST SP 800-63B-4, 3.1.1: at least 8 characters beside a second factor (15 alone), at least 64 allowed, no
rules of composition, compared with the commonly used ones. Ours are at least 12, always.
"""

import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from zxcvbn import zxcvbn

from service.errors import BacktalkError

SHORTEST, LONGEST = 12, 256
FEWEST_GUESSES = 1e8
"""Below this an estimate by lists of leaked passwords, names and words calls it easily guessed."""

_hasher = PasswordHasher()  # RFC 9106, second recommended option: argon2id, 64 MiB, 3 passes
_NOBODY = _hasher.hash("whoever is not known takes as long to refuse as whoever is")


class WeakPassword(BacktalkError):
    """The password is too short, too long or too common; the text says which."""

    status = 400


def hashed(password: str, about: Sequence[str]) -> str:
    """What is kept of a password. WeakPassword says why one is refused; `about` are the person's own words."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(
            "Use %(least)d characters or more: four or five words will do.", least=SHORTEST
        )
    if len(plain) > LONGEST:
        raise WeakPassword("Use %(most)d characters at most.", most=LONGEST)
    if zxcvbn(plain[:72], user_inputs=list(about))["guesses"] < FEWEST_GUESSES:
        raise WeakPassword("This is too easily guessed: it is a common one, or a pattern.")
    return _hasher.hash(plain)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that is kept; as slow for somebody who has none."""
    try:
        return _hasher.verify(kept or _NOBODY, _normal(password)) and kept is not None
    except VerifyMismatchError:
        return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
