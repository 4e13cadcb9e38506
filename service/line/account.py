"""What `backtalk doctor` asks Twilio of the account, the number and the messaging service."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from service.config import Settings
from service.line.client import RedirectedHttpClient


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
    yield _points_to(number.sms_url, settings, "/twilio/sms", "number's message webhook")
    yield _points_to(
        number.sms_fallback_url, settings, "/twilio/sms/fallback", "number's message fallback"
    )


def _check_service(client: Client, settings: Settings) -> Iterator[Check]:
    try:
        service = client.messaging.v1.services(settings.twilio_messaging_service_sid).fetch()
    except (TwilioException, requests.exceptions.RequestException):
        yield Check(False, "messaging service", "TWILIO_MESSAGING_SERVICE_SID is not known")
        return
    if service.use_inbound_webhook_on_number:
        yield Check(True, "messaging service leaves inbound texts to the number's webhook")
    else:
        yield _points_to(
            service.inbound_request_url, settings, "/twilio/sms", "messaging service's webhook"
        )


def _points_to(url: str | None, settings: Settings, path: str, what: str) -> Check:
    wanted = f"{settings.public_url}{path}"
    well = (url or "").split("#")[0] == wanted
    return Check(well, what, f"set it to {wanted}#rc=3&rp=ct,rt,5xx (POST)")
