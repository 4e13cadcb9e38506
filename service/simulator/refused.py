"""What the simulated carrier refuses, in Twilio's numbers and words.

Source: Twilio's error list, www.twilio.com/docs/api/errors/<code>.
"""

from typing import Any

_ERRORS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required."),
    21211: (400, "The 'To' number is not a valid phone number."),
    21213: (400, "No 'From' number is specified"),
    21210: (400, "'From' phone number not verified"),
    21217: (400, "Phone number does not appear to be valid"),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number provided is not a valid message-capable Twilio phone number.",
    ),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21266: (400, "'To' and 'From' number cannot be the same"),
    21609: (400, "The StatusCallback URL is not valid"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21619: (400, "A text message body or media urls must be specified."),
    21624: (400, "Invalid validity period value"),
    21701: (404, "The messaging service does not exist"),
}


class Refused(Exception):
    """The carrier says no; `code` is Twilio's, `status` is HTTP's. The text holds no number or body."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.status, self.reason = _ERRORS[code]
        super().__init__(f"{code} {self.reason}")

    def as_json(self) -> dict[str, Any]:
        """The body Twilio answers with."""
        return {
            "code": self.code,
            "message": self.reason,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
