"""The parameters of each webhook, as Twilio names them.

Sources: www.twilio.com/docs/messaging/guides/webhook-request,
www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks and
www.twilio.com/docs/voice/twiml.
"""

from email.utils import format_datetime

from service.simulator.records import API_VERSION, Call, Message
from service.simulator.webhooks import Form
from service.wording import segments

PICTURE_TYPE = "image/png"
_API_HOST = "https://api.twilio.com"  # media are at the real address; clients rewrite it

# City, state and ZIP that a number's area code stands for. Where the carrier knows none, they are empty.
_PLACES = {"804": ("RICHMOND", "VA", "23219")}


def inbound_text(account_sid: str, message: Message) -> Form:
    """The form posted when somebody texts the line."""
    form = {
        "ToCountry": "US",
        "MessageSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender,
        "To": message.to,
        "Body": message.body,
        "NumSegments": str(segments(message.body)),
        "NumMedia": str(len(message.media)),
        **_place("From", message.sender),
        **_place("To", message.to),
    }
    for index, media_sid in enumerate(message.media):
        path = media_path(account_sid, message.sid, media_sid)
        form[f"MediaUrl{index}"] = _API_HOST + path
        form[f"MediaContentType{index}"] = PICTURE_TYPE
    return form


def receipt(account_sid: str, message: Message, status: str, error_code: int | None) -> Form:
    """The form posted to a text's StatusCallback when it reaches `status`."""
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": message.sender,
        "To": message.to,
    }
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if error_code is not None:
        form["ErrorCode"] = str(error_code)
    if status == "delivered":
        form["RawDlrDoneDate"] = message.updated.strftime("%y%m%d%H%M")
    return form


def call_receipt(account_sid: str, call: Call, status: str, sequence: int) -> Form:
    """The form posted to a call's StatusCallback; `sequence` counts from 0."""
    form = {
        "CallSid": call.sid,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "Direction": "outbound-api",
        "CallStatus": status,
        "From": call.sender,
        "Caller": call.sender,
        "To": call.to,
        "Called": call.to,
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "Timestamp": format_datetime(call.updated),
    }
    if call.ended:
        form |= {"CallDuration": "0", "Duration": "0"}
    return form


def media_path(account_sid: str, message_sid: str, media_sid: str) -> str:
    """Where a picture stands under the API's host."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message_sid}/Media/{media_sid}"


def _place(side: str, number: str) -> Form:
    city, state, zip_code = _PLACES.get(number.removeprefix("+1")[:3], ("", "", ""))
    return {
        f"{side}City": city,
        f"{side}State": state,
        f"{side}Zip": zip_code,
        f"{side}Country": "US" if number.startswith("+1") else "",
    }
