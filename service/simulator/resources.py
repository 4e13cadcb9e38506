"""Texts, calls, numbers and the account in the JSON of Twilio's REST API, version 2010-04-01.

Field names: Twilio's OpenAPI description of that API (github twilio/twilio-oai).
"""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from service.phone import pretty
from service.simulator.records import API_VERSION, Call, Message, Recording
from service.wording import segments

Json = dict[str, Any]

NUMBER_SID = "PN" + "0" * 32


def base(account_sid: str) -> str:
    """The path everything of an account stands under."""
    return f"/{API_VERSION}/Accounts/{account_sid}"


def message_json(account_sid: str, message: Message) -> Json:
    """A Message resource."""
    uri = f"{base(account_sid)}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _rfc2822(message.created),
        "date_sent": _rfc2822(message.sent),
        "date_updated": _rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.sender or None,
        "messaging_service_sid": message.service_sid,
        "num_media": str(len(message.media)),
        "num_segments": str(segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {
            "media": f"{uri}/Media.json",
            "feedback": f"{uri}/Feedback.json",
        },
        "to": message.to,
        "uri": f"{uri}.json",
    }


def call_json(account_sid: str, call: Call) -> Json:
    """A Call resource."""
    uri = f"{base(account_sid)}/Calls/{call.sid}"
    nothing = (
        "answered_by",
        "caller_name",
        "forwarded_from",
        "group_sid",
        "parent_call_sid",
        "price",
    )
    return dict.fromkeys(nothing) | {
        "sid": call.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "date_created": _rfc2822(call.created),
        "date_updated": _rfc2822(call.updated),
        "direction": call.direction,
        "duration": "0" if call.ended else None,
        "start_time": None,
        "end_time": _rfc2822(call.ended),
        "from": call.sender,
        "from_formatted": pretty(call.sender) if call.sender.startswith("+") else call.sender,
        "phone_number_sid": NUMBER_SID,
        "price_unit": "USD",
        "queue_time": "0",
        "status": call.status,
        "to": call.to,
        "to_formatted": pretty(call.to),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "recordings": f"{uri}/Recordings.json",
            "events": f"{uri}/Events.json",
        },
    }


def recording_json(account_sid: str, recording: Recording) -> Json:
    """A Recording resource."""
    uri = f"{base(account_sid)}/Recordings/{recording.sid}"
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "channels": 1,
        "date_created": _rfc2822(recording.created),
        "date_updated": _rfc2822(recording.created),
        "start_time": _rfc2822(recording.created),
        "duration": str(recording.seconds),
        "source": recording.source,
        "status": "completed",
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "media_url": uri,
    }


def number_json(account_sid: str, number: str, public_url: str, born: datetime) -> Json:
    """The one IncomingPhoneNumber resource, set up as the line wants it."""
    hooks = f"{public_url}/twilio"
    nothing = (
        "trunk_sid",
        "emergency_address_sid",
        "address_sid",
        "identity_sid",
        "bundle_sid",
    )
    return dict.fromkeys(nothing) | {
        "sid": NUMBER_SID,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": _rfc2822(born),
        "date_updated": _rfc2822(born),
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "friendly_name": pretty(number),
        "origin": "twilio",
        "phone_number": number,
        "sms_application_sid": "",
        "sms_fallback_method": "POST",
        "sms_fallback_url": f"{hooks}/sms/fallback",
        "sms_method": "POST",
        "sms_url": f"{hooks}/sms",
        "status": "in-use",
        "status_callback": f"{hooks}/voice/status",
        "status_callback_method": "POST",
        "type": "local",
        "uri": f"{base(account_sid)}/IncomingPhoneNumbers/{NUMBER_SID}.json",
        "voice_application_sid": "",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": f"{hooks}/voice/fallback",
        "voice_method": "POST",
        "voice_receive_mode": "voice",
        "voice_url": f"{hooks}/voice",
    }


def account_json(account_sid: str, born: datetime) -> Json:
    """The Account resource, without its token."""
    uri = base(account_sid)
    return {
        "sid": account_sid,
        "owner_account_sid": account_sid,
        "friendly_name": "Simulated account",
        "status": "active",
        "type": "Trial",
        "date_created": _rfc2822(born),
        "date_updated": _rfc2822(born),
        "uri": f"{uri}.json",
        "subresource_uris": {
            "messages": f"{uri}/Messages.json",
            "calls": f"{uri}/Calls.json",
        },
    }


def lookup_json(number: str, kind: str | None) -> Json:
    """Lookup v2 with line_type_intelligence, for a number of the simulated network or elsewhere."""
    return {
        "phone_number": number,
        "national_format": pretty(number),
        "country_code": "US",
        "calling_country_code": "1",
        "valid": True,
        "validation_errors": [],
        "line_type_intelligence": {
            "type": kind or "unknown",
            "carrier_name": None,
            "error_code": None,
        },
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
    }


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None
