"""Passkeys (WebAuthn): something one has, unlocked by a finger, a face or a PIN; both factors at once.

A challenge is a signed time stamp, so nothing has to be kept until it is answered; that it was answered is
kept, so that an answer works once.
"""

import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.db import insert_if_new
from service.errors import BacktalkError, Conflict
from service.staff.models import Passkey, SpentChallenge, Staff

ANSWER_WITHIN = timedelta(minutes=5)


class BadPasskey(BacktalkError):
    """The passkey is unknown, or what it answered does not hold."""

    status = 403


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are bound to: the public address, and the key that signs challenges."""

    origin: str
    host: str
    name: str
    key: bytes

    @classmethod
    def at(cls, public_url: str, name: str, key: bytes) -> "Site":
        """The site at the public address."""
        parts = urlsplit(public_url)
        return cls(f"{parts.scheme}://{parts.netloc}", parts.hostname or "", name, key)

    @property
    def usable(self) -> bool:
        """Browsers bind passkeys to names, never to an address such as 127.0.0.1."""
        return not self.host.replace(".", "").isdigit() and ":" not in self.host


def to_register(session: Session, site: Site, staff: Staff, now: datetime) -> str:
    """What the browser needs to make a passkey, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=f"staff:{staff.id}".encode(),
        user_name=staff.email,
        user_display_name=staff.name,
        challenge=_challenge(site, f"register {staff.id}", now),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=passkey.credential_id)
            for passkey in passkeys_of(session, staff.id)
        ],
    )
    return options_to_json(options)


def register(
    session: Session, site: Site, staff: Staff, answer: str, name: str, now: datetime
) -> None:
    """Keep a new passkey. BadPasskey when the answer does not hold; Conflict when it is known already."""
    credential = _read(answer)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_answered(session, site, credential, f"register {staff.id}", now),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise BadPasskey("This passkey could not be checked. Try again.") from error
    kept = insert_if_new(
        session,
        Passkey,
        staff_id=staff.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name.strip() or "Passkey",
        added_at=now,
    )
    if kept is None:
        raise Conflict("This passkey is known already.")


def to_sign_in(site: Site, now: datetime) -> str:
    """What the browser needs to use any passkey of this site, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(site, "sign in", now),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def use(session: Session, site: Site, answer: str, now: datetime) -> int:
    """Whose passkey answered: the staff id. BadPasskey for any that is unknown, stale, copied or barred."""
    credential = _read(answer)
    credential_id = base64url_to_bytes(str(credential.get("rawId", "")))
    passkey = session.scalar(
        select(Passkey)
        .join(Staff, Staff.id == Passkey.staff_id)
        .where(Passkey.credential_id == credential_id, Staff.disabled_at.is_(None))
        .with_for_update(of=Passkey)
    )
    if passkey is None:
        raise BadPasskey("This passkey belongs to no account here.")
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=_answered(session, site, credential, "sign in", now),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise BadPasskey("This passkey could not be checked. Try again.") from error
    passkey.sign_count, passkey.used_at = verified.new_sign_count, now
    return passkey.staff_id


def passkeys_of(session: Session, staff_id: int) -> Sequence[Passkey]:
    """The passkeys of an account, oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)
    ).all()


def forget(session: Session, staff_id: int, passkey_id: int | None = None) -> None:
    """Let a passkey of this account, or all of them, work no more."""
    own = delete(Passkey).where(Passkey.staff_id == staff_id)
    session.execute(own if passkey_id is None else own.where(Passkey.id == passkey_id))


def _challenge(site: Site, purpose: str, now: datetime) -> bytes:
    head = secrets.token_bytes(16) + struct.pack(">d", now.timestamp())
    return head + _signature(site, purpose, head)


def _answered(
    session: Session, site: Site, credential: dict[str, Any], purpose: str, now: datetime
) -> bytes:
    """The challenge that was answered, if it is ours, fresh, and answered for the first time."""
    try:
        client = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"])
        (made,) = struct.unpack(">d", challenge[16:24])
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise BadPasskey("This passkey's answer could not be read.") from error
    signed = hmac.compare_digest(challenge[24:], _signature(site, purpose, challenge[:24]))
    if not signed or not 0 <= now.timestamp() - made <= ANSWER_WITHIN.total_seconds():
        raise BadPasskey("That took too long. Try again.")
    fingerprint = hashlib.sha256(challenge).digest()
    session.execute(delete(SpentChallenge).where(SpentChallenge.at < now - 2 * ANSWER_WITHIN))
    if insert_if_new(session, SpentChallenge, fingerprint=fingerprint, at=now) is None:
        raise BadPasskey("This answer was used before. Try again.")
    return challenge


def _signature(site: Site, purpose: str, head: bytes) -> bytes:
    return hmac.new(site.key, purpose.encode() + b"\0" + head, hashlib.sha256).digest()


def _read(answer: str) -> dict[str, Any]:
    try:
        credential = json.loads(answer)
    except ValueError as error:
        raise BadPasskey("This passkey's answer could not be read.") from error
    if not isinstance(credential, dict):
        raise BadPasskey("This passkey's answer could not be read.")
    return credential
