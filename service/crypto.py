"""Encryption of health data at rest and the keyed indexes that make it findable.

A stored value is one key-id byte, a 96-bit random nonce and the AES-256-GCM ciphertext with its tag
(NIST SP 800-38D). The table and column are bound in as associated data, so that a value copied into
another column does not decrypt. Blind indexes are HMAC-SHA256 under a key of their own.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.errors import BacktalkError, SettingsError

NONCE_BYTES = 12


class Undecryptable(BacktalkError):
    """A stored value was written under a key that is not in BACKTALK_DATA_KEYS, or was altered."""


class Keyring:
    """The data keys, newest first, and what is derived from the secret key."""

    def __init__(self, data_keys: Sequence[bytes], secret: str) -> None:
        if not data_keys:
            raise SettingsError("BACKTALK_DATA_KEYS is empty: give base64 of 32 random bytes")
        self._ciphers: dict[int, AESGCM] = {}
        for key in data_keys:
            self._ciphers.setdefault(_key_id(key), AESGCM(key))
        self._newest = _key_id(data_keys[0])
        self._secret = secret.encode()
        self._index_key = self.derive("blind index")

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, from BACKTALK_SECRET_KEY (HKDF, RFC 5869)."""
        return HKDF(SHA256(), 32, salt=None, info=f"backtalk {purpose}".encode()).derive(
            self._secret
        )

    def encrypt(self, plain: bytes, place: str) -> bytes:
        """Encrypt under the newest key, bound to `place` ("table.column")."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, plain, place.encode())
        return bytes([self._newest]) + nonce + sealed

    def decrypt(self, stored: bytes, place: str) -> bytes:
        """The plain bytes; Undecryptable if the key is unknown or the value was altered or moved."""
        cipher = self._ciphers.get(stored[0]) if stored else None
        if cipher is None:
            raise Undecryptable(f"{place}: written under a key that is not in BACKTALK_DATA_KEYS")
        nonce, sealed = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, sealed, place.encode())
        except InvalidTag as error:
            raise Undecryptable(
                f"{place}: the stored value was altered or belongs elsewhere"
            ) from error

    def index(self, value: str, place: str) -> bytes:
        """A keyed fingerprint of `value` for exact look-up in `place`."""
        return hmac.new(self._index_key, f"{place}\0{value}".encode(), hashlib.sha256).digest()


def _key_id(key: bytes) -> int:
    return hashlib.sha256(b"backtalk key id" + key).digest()[0]


def parse_data_keys(text: str) -> list[bytes]:
    """The keys of BACKTALK_DATA_KEYS: base64 of 32 bytes each, comma-separated, newest first."""
    keys: list[bytes] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            key = base64.b64decode(part, validate=True)
        except binascii.Error as error:
            raise SettingsError("BACKTALK_DATA_KEYS: a key is not valid base64") from error
        if len(key) != 32:
            raise SettingsError(f"BACKTALK_DATA_KEYS: a key has {len(key)} bytes instead of 32")
        keys.append(key)
    if len({_key_id(key) for key in keys}) < len(set(keys)):
        raise SettingsError(
            "BACKTALK_DATA_KEYS: two keys share an id (1 in 256): make the new one afresh"
        )
    return keys
