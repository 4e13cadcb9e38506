"""Recordings at Twilio: fetched with authentication, listed, deleted.

The address is built from the recording's id and the API's own address; the one a webhook names is never
fetched. A redirect is followed once, to Twilio's hosts only, and without our credentials.
https://www.twilio.com/docs/voice/api/recording
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

import httpx
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from service.config import Settings
from service.conversation.recordings import Audio, Kind, Recorded
from service.line.client import RedirectedHttpClient
from service.phone import to_e164

log = logging.getLogger(__name__)

API = "https://api.twilio.com"
REDIRECTED_TO = (".twilio.com", ".twiliocdn.com")
MOST_BYTES = 20_000_000  # two minutes of WAV are 2 MB
NOT_FOUND = 404


class TwilioRecordings:
    """The recordings of one account."""

    def __init__(self, settings: Settings, account_sid: str, auth_token: str) -> None:
        self._account = account_sid
        self._auth = (account_sid, auth_token)
        self._api = settings.twilio_api_url or API
        self._client = Client(
            account_sid, auth_token, http_client=RedirectedHttpClient(settings.twilio_api_url)
        )

    @cached_property
    def _http(self) -> httpx.Client:
        """Made when it is first needed: reading the authorities' certificates takes a while."""
        return httpx.Client(timeout=httpx.Timeout(15, connect=3), trust_env=False)

    def fetch(self, sid: str) -> Audio | None:
        """The audio as MP3, or None when it is not to be had just now."""
        url = f"{self._api}/2010-04-01/Accounts/{self._account}/Recordings/{sid}.mp3"
        try:
            answer = self._http.get(url, auth=self._auth)
            if answer.is_redirect:
                answer = self._follow(answer)
            data = answer.content if answer.is_success else b""
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("a recording could not be fetched: %s", type(error).__name__)
            return None
        if not data or len(data) > MOST_BYTES:
            return None
        return Audio(data, _media_type(data))

    def _follow(self, answer: httpx.Response) -> httpx.Response:
        target = answer.headers.get("Location", "")
        parts = urlsplit(target)
        if parts.scheme != "https" or not (parts.hostname or "").endswith(REDIRECTED_TO):
            raise httpx.InvalidURL("a recording was redirected to a host that is not Twilio's")
        return self._http.get(target)

    def delete(self, sid: str, transcription: str | None) -> bool:
        """Delete audio and transcript; what is not there any more counts as deleted."""
        try:
            if transcription:
                _gone(self._client.transcriptions(transcription))
            _gone(self._client.recordings(sid))
        except (TwilioException, requests.exceptions.RequestException):
            return False
        return True

    def since(self, moment: datetime) -> Iterator[Recorded]:
        """The voicemails taken since `moment`, with the number of each caller."""
        try:
            for each in self._client.recordings.list(date_created_after=moment, limit=200):
                if each.sid and each.call_sid and str(each.source) == "RecordVerb":
                    call = self._client.calls(each.call_sid).fetch()
                    ours = (call.direction or "").startswith("outbound")
                    yield Recorded(
                        sid=each.sid,
                        call=each.call_sid,
                        number=to_e164((call.to if ours else call._from) or ""),
                        kind=Kind.VOICEMAIL,
                        seconds=int(each.duration or 0),
                        at=each.date_created,
                    )
        except (TwilioException, requests.exceptions.RequestException) as error:
            log.warning("recordings could not be listed: %s", type(error).__name__)


def _gone(resource: object) -> None:
    try:
        resource.delete()  # type: ignore[attr-defined]
    except TwilioRestException as error:
        if error.status != NOT_FOUND:
            raise


def _media_type(data: bytes) -> str:
    """What browsers need to play it: told by the first bytes, not by the sender."""
    return "audio/wav" if data[:4] == b"RIFF" else "audio/mpeg"
