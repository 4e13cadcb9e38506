"""Twilio's REST client behind the outbox's `Sender` protocol.

Creating a message has no idempotency key, so a broken line leaves its outcome unknown; our token in
the receipt URL, and the list of messages, settle it.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from service.config import Settings
from service.conversation.heard import Heard
from service.conversation.missed import Listed
from service.line.codes import CodeClass, class_of, refusal
from service.line.parse import parse_text
from service.outbox.sender import Accepted, Handover, Outgoing, Refused, SentText, TryAgain, Unknown

log = logging.getLogger(__name__)
logging.getLogger("twilio").setLevel(logging.WARNING)  # it logs phone numbers at INFO

SECONDS = 10
"""To connect, and between two bytes of the answer; the SDK's own default is to wait for ever."""
RING_SECONDS = 25  # before most mailboxes answer
MACHINES = {"machine_detection": "DetectMessageEnd"}  # a mailbox is told a tip after its beep

EARLIER, LATER = timedelta(seconds=5), timedelta(minutes=2)
"""How far the carrier's own creation time may lie from the moment we called."""


class RedirectedHttpClient(TwilioHttpClient):
    """The SDK's HTTP client, pointed at TWILIO_API_URL where that is set, always with a time limit."""

    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=SECONDS)
        self._api = urlsplit(api_url) if api_url else None
        if self.session is not None:
            self.session.trust_env = False

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> Response:
        """Send one request, to the configured host."""
        if self._api:
            url = urlunsplit(
                urlsplit(url)._replace(scheme=self._api.scheme, netloc=self._api.netloc)
            )
        return super().request(method, url, *args, **kwargs)


class TwilioSender:
    """Carries texts and places calls by Twilio."""

    def __init__(self, settings: Settings, account_sid: str, auth_token: str) -> None:
        self._client = Client(
            account_sid, auth_token, http_client=RedirectedHttpClient(settings.twilio_api_url)
        )
        self._receipts = f"{settings.public_url}/twilio/sms/status?m="
        self._voice = f"{settings.public_url}/twilio/voice"
        self._line = settings.line_number
        service = settings.twilio_messaging_service_sid
        self._from: dict[str, str] = (
            {"messaging_service_sid": service} if service else {"from_": settings.line_number}
        )

    def send_text(self, message: Outgoing) -> Handover:
        """Hand one text over; never raises for what Twilio or the network does."""
        try:
            created = self._client.messages.create(
                to=message.to,
                body=message.body,
                status_callback=self._receipts + message.token,
                validity_period=max(1, int(message.validity.total_seconds())),
                **self._from,
            )
        except TwilioRestException as error:
            return _outcome(error.status, error.code)
        except requests.exceptions.ConnectTimeout:
            return TryAgain(None)
        except requests.exceptions.ConnectionError as error:
            return TryAgain(None) if _never_connected(error) else Unknown()
        except (requests.exceptions.RequestException, TwilioException, ValueError, KeyError):
            return Unknown()
        return Accepted(created.sid) if created.sid else Unknown()

    def place_call(self, call: Outgoing) -> Handover:
        """Have Twilio ring; what is said is asked for when somebody, or a machine, has picked up."""
        try:
            created = self._client.calls.create(
                to=call.to,
                from_=self._line,
                url=f"{self._voice}/{call.spoken_at}?m={call.token}",
                fallback_url=f"{self._voice}/fallback",
                status_callback=f"{self._voice}/status?m={call.token}",
                status_callback_event=["completed"],
                timeout=RING_SECONDS,
                **(MACHINES if call.spoken_at == "tip" else {}),
            )
        except TwilioRestException as error:
            return _outcome(error.status, error.code)
        except requests.exceptions.ConnectTimeout:
            return TryAgain(None)
        except requests.exceptions.ConnectionError as error:
            return TryAgain(None) if _never_connected(error) else Unknown()
        except (requests.exceptions.RequestException, TwilioException, ValueError, KeyError):
            return Unknown()
        return Accepted(created.sid) if created.sid else Unknown()

    def find_call(
        self, call: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Look for the call in Twilio's list: same number, made when we called."""
        try:
            listed = self._client.calls.list(to=call.to, limit=50)
        except (TwilioException, requests.exceptions.RequestException):
            return Unknown()
        for each in listed:
            if each.sid and each.sid not in known and _made_then(each.date_created, handed_over_at):
                return Accepted(each.sid)
        return None

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Look for the text in Twilio's list: same recipient, same words, made when we called."""
        day = (handed_over_at - EARLIER).astimezone(UTC)
        try:
            listed = self._client.messages.list(
                to=message.to, date_sent_after=day - timedelta(days=1), limit=1000
            )
        except (TwilioException, requests.exceptions.RequestException):
            return Unknown()
        for each in listed:
            if each.sid and each.sid not in known and _same(each, message, handed_over_at):
                return Accepted(each.sid)
        return None

    def sent_since(self, since: datetime) -> Sequence[SentText] | None:
        """Every text from the line from the day of `since` on; None when Twilio could not be asked."""
        try:
            listed = self._client.messages.list(
                from_=self._line, date_sent_after=since - timedelta(days=1), page_size=1000
            )
        except (TwilioException, requests.exceptions.RequestException):
            return None
        return [
            SentText(each.sid, each.to, each.body or "")
            for each in listed
            if each.sid and each.to and (made := _made(each)) and made >= since
        ]

    def texts_since(self, since: datetime) -> Sequence[Listed] | None:
        """Every text to the line from the day of `since` on; None when Twilio could not be asked."""
        try:
            listed = self._client.messages.list(
                to=self._line, date_sent_after=since - timedelta(days=1), page_size=1000
            )
        except (TwilioException, requests.exceptions.RequestException):
            return None
        inbound = [each for each in listed if str(each.direction) == "inbound"]
        return [Listed(_as_heard(each), made) for each in inbound if (made := _made(each))]


def _made(listed: MessageInstance) -> datetime | None:
    made = listed.date_sent or listed.date_created
    return made.astimezone(UTC) if made else None


def _as_heard(listed: MessageInstance) -> Heard:
    """A listed text, as its webhook would have brought it."""
    fields = {
        "MessageSid": listed.sid,
        "AccountSid": listed.account_sid,
        "From": listed.from_,
        "To": listed.to,
        "Body": listed.body,
        "NumMedia": listed.num_media,
    }
    return parse_text([(name, value or "") for name, value in fields.items()])


def _same(listed: MessageInstance, message: Outgoing, handed_over_at: datetime) -> bool:
    return listed.body == message.body and _made_then(listed.date_created, handed_over_at)


def _made_then(made: datetime | None, handed_over_at: datetime) -> bool:
    if made is None:
        return False
    return handed_over_at - EARLIER <= made.astimezone(UTC) <= handed_over_at + LATER


def _outcome(status: int, code: int | None) -> Handover:
    """What an HTTP error means: a 429 was not processed, a 5xx may have been, a 4xx is final."""
    kind = class_of(code)
    if status == 429 or kind in (CodeClass.RATE, CodeClass.LATER):
        return TryAgain(code, timedelta(minutes=10) if kind is CodeClass.LATER else None)
    if status >= 500:
        return Unknown()
    refused: Refused = refusal(code)
    if refused.misconfigured:
        log.error("Twilio refuses our texts with error %s: run `backtalk doctor`", code)
    return refused


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection was refused, so that nothing can have been taken."""
    return "NewConnectionError" in repr(error.args[0]) if error.args else False
