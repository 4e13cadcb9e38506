"""Health data at rest: authenticated, bound to its place, readable through a change of keys."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.crypto import Keyring, Undecryptable, parse_data_keys
from service.errors import SettingsError

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SECRET = "a secret for tests, long enough to pass"


@given(st.binary(max_size=300))
def test_what_was_encrypted_comes_back(plain: bytes) -> None:
    ring = Keyring([NEW], SECRET)
    assert ring.decrypt(ring.encrypt(plain, "threads.phone"), "threads.phone") == plain


def test_a_value_moved_to_another_column_does_not_decrypt() -> None:
    ring = Keyring([NEW], SECRET)
    with pytest.raises(Undecryptable):
        ring.decrypt(ring.encrypt(b"x", "threads.phone"), "patients.name")


@pytest.mark.parametrize("place", range(30))
def test_a_value_altered_in_one_bit_does_not_decrypt(place: int) -> None:
    ring = Keyring([NEW], SECRET)
    stored = bytearray(ring.encrypt(b"x", "a.b"))
    stored[place] ^= 1
    with pytest.raises(Undecryptable):
        ring.decrypt(bytes(stored), "a.b")


def test_after_a_new_key_old_values_are_read_and_new_ones_use_the_new_key() -> None:
    stored = Keyring([OLD], SECRET).encrypt(b"x", "a.b")
    both = Keyring([NEW, OLD], SECRET)
    assert both.decrypt(stored, "a.b") == b"x"
    with pytest.raises(Undecryptable, match="BACKTALK_DATA_KEYS"):
        Keyring([OLD], SECRET).decrypt(both.encrypt(b"y", "a.b"), "a.b")


def test_two_encryptions_of_the_same_text_differ_and_their_index_does_not() -> None:
    ring = Keyring([NEW], SECRET)
    assert ring.encrypt(b"x", "a.b") != ring.encrypt(b"x", "a.b")
    assert ring.index("+18045550142", "a.b") == ring.index("+18045550142", "a.b")
    assert ring.index("+18045550142", "a.b") != ring.index("+18045550142", "a.c")


@pytest.mark.parametrize(
    ("text", "said"),
    [("not base64!", "not valid base64"), (base64.b64encode(bytes(16)).decode(), "16 bytes")],
)
def test_a_bad_key_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"BACKTALK_DATA_KEYS.*{said}"):
        parse_data_keys(text)
