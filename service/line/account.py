"""What `backtalk doctor` asks Twilio of the account, the number and the messaging service."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from service.config import Settings
from service.line.client import SECONDS, RedirectedHttpClient
from service.line.recordings import API
from service.phone import is_toll_free


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `mend` says what to do when it is not well."""

    well: bool
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"ok    {self.what}" if self.well else f"WRONG {self.what}: {self.mend}"


def check_account(settings: Settings) -> Iterator[Check]:
    """Check that the account answers and that its number and service point to our webhooks."""
    client = Client(
        settings.twilio_account_sid,
        settings.twilio_auth_token,
        http_client=RedirectedHttpClient(settings.twilio_api_url),
    )
    try:
        client.api.accounts(settings.twilio_account_sid).fetch()
    except (TwilioException, requests.exceptions.RequestException) as error:
        reason = f"HTTP {getattr(error, 'status', '')}".strip() or type(error).__name__
        yield Check(False, f"Twilio account ({reason})", "check TWILIO_ACCOUNT_SID and its token")
        return
    yield Check(True, "Twilio account answers")
    yield from _check_number(client, settings)
    yield from _check_media(client, settings)
    if settings.twilio_messaging_service_sid:
        yield from _check_service(client, settings)
    else:
        yield Check(
            False,
            "messaging service",
            "set TWILIO_MESSAGING_SERVICE_SID: US carriers block texts that are not registered",
        )


def _check_number(client: Client, settings: Settings) -> Iterator[Check]:
    owned = client.incoming_phone_numbers.list(phone_number=settings.line_number, limit=1)
    if not owned:
        yield Check(False, "line number", "BACKTALK_LINE_NUMBER is not a number of this account")
        return
    number = owned[0]
    for url, path, what in (
        (number.sms_url, "/twilio/sms", "number's message webhook"),
        (number.sms_fallback_url, "/twilio/sms/fallback", "number's message fallback"),
        (number.voice_url, "/twilio/voice", "number's voice webhook"),
        (number.status_callback, "/twilio/voice/status", "number's call status callback"),
    ):
        yield _points_to(url, settings, path, what)
    yield Check(
        bool(number.voice_fallback_url),
        "number's voice fallback",
        "set it to the TwiML Bin that `backtalk fallback` prints: it answers when we cannot",
    )


def _check_service(client: Client, settings: Settings) -> Iterator[Check]:
    found = client.messaging.v1.services(settings.twilio_messaging_service_sid)
    try:
        service = found.fetch()
        campaigns = [each.campaign_status for each in found.us_app_to_person.list(limit=20)]
    except (TwilioException, requests.exceptions.RequestException):
        yield Check(False, "messaging service", "TWILIO_MESSAGING_SERVICE_SID is not known")
        return
    if service.use_inbound_webhook_on_number:
        yield Check(True, "messaging service leaves inbound texts to the number's webhook")
    else:
        yield _points_to(
            service.inbound_request_url, settings, "/twilio/sms", "messaging service's webhook"
        )
    if not is_toll_free(settings.line_number):  # those are verified number by number instead
        yield Check(
            "VERIFIED" in campaigns,
            "texts are registered with the US carriers (A2P 10DLC)",
            "register brand and campaign in Twilio's console: unregistered texts are blocked (30034)",
        )


def _check_media(client: Client, settings: Settings) -> Iterator[Check]:
    """Whether a stranger who learns a recording's address can listen to it."""
    what = "recordings at Twilio need a password"
    newest = client.recordings.list(limit=1)
    if not newest:
        yield Check(True, f"{what} (not tried: there are none yet)")
        return
    url = f"{settings.twilio_api_url or API}{str(newest[0].uri).removesuffix('.json')}.mp3"
    answer = requests.get(url, timeout=SECONDS, stream=True)
    answer.close()
    mend = "switch on HTTP authentication for media in Twilio's voice settings"
    yield Check(answer.status_code in (401, 403), what, mend)


def _points_to(url: str | None, settings: Settings, path: str, what: str) -> Check:
    wanted = f"{settings.public_url}{path}"
    well = (url or "").split("#")[0] == wanted
    return Check(well, what, f"set it to {wanted}#rc=3&rp=ct,rt,5xx (POST)")
