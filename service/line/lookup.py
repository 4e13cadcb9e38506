"""Twilio Lookup: what kind of line a number is. Paid by the request, so the clinic switches it on.

https://www.twilio.com/docs/lookup/v2-api/line-type-intelligence
"""

import logging

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from service.config import Settings
from service.line.client import RedirectedHttpClient

log = logging.getLogger(__name__)


class TwilioLookup:
    """Asks Twilio about numbers."""

    def __init__(self, settings: Settings, account_sid: str, auth_token: str) -> None:
        self._client = Client(
            account_sid, auth_token, http_client=RedirectedHttpClient(settings.twilio_api_url)
        )

    def line_type(self, number: str) -> str | None:
        """`mobile`, `landline`, `nonFixedVoip`, ... of an E.164 number; None when it is not to be had."""
        try:
            found = self._client.lookups.v2.phone_numbers(number).fetch(
                fields="line_type_intelligence"
            )
        except (TwilioException, requests.exceptions.RequestException) as error:
            log.warning("a line type could not be looked up: %s", type(error).__name__)
            return None
        told = found.line_type_intelligence
        return str(told.get("type") or "unknown") if isinstance(told, dict) else "unknown"
