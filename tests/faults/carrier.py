"""The carrier of a simulation: Twilio's REST API at the HTTP client's edge, with every way to go wrong."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import requests
from twilio.http import HttpClient
from twilio.http.response import Response

from tests.faults.faults import Fault, Weather
from tests.line import LINE

STOPS = {"stop", "stopall", "unsubscribe", "end", "quit", "revoke", "optout", "cancel"}
STARTS = {"start", "unstop", "yes"}


@dataclass
class Carried:
    """A text as the carrier has it; times are the true ones."""

    sid: str
    sender: str
    to: str
    body: str
    at: datetime
    token: str = ""
    validity: timedelta = timedelta()
    status: str = "accepted"
    heard_back: list[str] = field(default_factory=list)  # receipts that reached us

    @property
    def inbound(self) -> bool:
        return self.to == LINE


class SimulatedTwilio(HttpClient):
    """Takes what the line sends, and lists what it has. `later` runs something after a while."""

    def __init__(
        self,
        weather: Weather,
        now: Callable[[], datetime],
        later: Callable[[timedelta, Callable[[], None]], None],
        receipt: Callable[[Carried, str, int | None], None],
    ) -> None:
        super().__init__(logging.getLogger(__name__), False, None)
        self.weather, self.now, self.later, self.receipt = weather, now, later, receipt
        self.texts: list[Carried] = []
        self.opted_out: set[str] = set()
        self.away_until: datetime | None = None

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        **_more: object,
    ) -> Response:
        """One request of the line."""
        if self.away_until and self.now() < self.away_until and not self.weather.calm:
            raise requests.exceptions.ConnectTimeout("away")
        if method == "GET":
            return self._list(params or {})
        return self._create(data or {})

    def keep_inbound(self, sender: str, body: str) -> Carried:
        """Somebody texts the line; the carrier obeys its own words first."""
        word = body.strip().lower()
        if word in STOPS:
            self.opted_out.add(sender)
        elif word in STARTS:
            self.opted_out.discard(sender)
        return self._keep(sender, LINE, body)

    def answer(self, to: str, body: str) -> None:
        """Words that stood in the answer to a webhook: they are on the phone at once."""
        self._keep(LINE, to, body).status = "delivered"

    def _keep(self, sender: str, to: str, body: str) -> Carried:
        text = Carried(f"SM{len(self.texts):032x}", sender, to, body, self.now())
        self.texts.append(text)
        return text

    def _create(self, data: dict[str, Any]) -> Response:
        strikes = self.weather.strikes
        if strikes(Fault.CARRIER_AWAY):
            self.away_until = self.now() + timedelta(hours=1)
            raise requests.exceptions.ConnectTimeout("away")
        if strikes(Fault.CARRIER_REFUSES_CONNECTION):
            raise requests.exceptions.ConnectTimeout("refused")
        if strikes(Fault.CARRIER_429):
            return _answer(429, {"code": 20429, "message": "too many"})
        if strikes(Fault.CARRIER_500):
            return _answer(500, {"code": 20500, "message": "broken"})
        if data["To"] in self.opted_out:
            return _answer(400, {"code": 21610, "message": "unsubscribed"})
        text = self._take(data)
        if strikes(Fault.CARRIER_500_AFTER):
            return _answer(500, {"code": 20500, "message": "broken"})
        if strikes(Fault.CARRIER_HANGS):
            raise requests.exceptions.ReadTimeout("hangs")
        if strikes(Fault.CARRIER_CUT):
            raise requests.exceptions.ConnectionError("cut")
        if strikes(Fault.CARRIER_GARBAGE):
            return Response(201, "<html>")
        return _answer(201, self._json(text))

    def _take(self, data: dict[str, Any]) -> Carried:
        text = self._keep(LINE, data["To"], data["Body"])
        text.token = data["StatusCallback"].partition("?m=")[2]
        text.validity = timedelta(seconds=int(data["ValidityPeriod"]))
        slow = self.weather.strikes(Fault.SLOW_DELIVERY)
        chance = self.weather.chance
        takes = timedelta(minutes=chance.randint(60, 700)) if slow else timedelta(seconds=2)
        if takes > text.validity:
            self.later(text.validity, lambda: self._end(text, "failed", 30036))
        elif self.weather.strikes(Fault.UNREACHABLE_PHONE):
            self.later(takes, lambda: self._end(text, "undelivered", 30003))
        elif self.weather.strikes(Fault.FILTERED):
            self.later(takes, lambda: self._end(text, "undelivered", 30007))
        else:
            self.later(takes, lambda: self._end(text, "delivered", None))
        return text

    def _end(self, text: Carried, status: str, code: int | None) -> None:
        """The fate of a text, and its receipts: lost, repeated, out of order."""
        text.status = status
        steps: list[tuple[str, int | None]] = [("queued", None), ("sent", None), (status, code)]
        if self.weather.strikes(Fault.RECEIPT_DISORDERED):
            self.weather.chance.shuffle(steps)
        for place, (each, each_code) in enumerate(steps):
            if self.weather.strikes(Fault.RECEIPT_LOST):
                continue
            again = 1 + self.weather.strikes(Fault.RECEIPT_REPEATED)
            for repeat in range(again):
                after = timedelta(seconds=1 + place + 40 * repeat)
                self.later(after, lambda e=each, c=each_code: self.receipt(text, e, c))  # type: ignore[misc]

    def _list(self, params: dict[str, Any]) -> Response:
        if self.weather.strikes(Fault.LIST_FAILS):
            return _answer(503, {"code": 20503, "message": "broken"})
        since = datetime.fromisoformat(params["DateSent>"])
        found = [
            self._json(each)
            for each in reversed(self.texts)
            if each.to == params["To"] and each.at.date() >= since.date()
        ]
        return _answer(200, {"messages": found, "next_page_uri": None, "page_size": 1000})

    def _json(self, text: Carried) -> dict[str, Any]:
        made = format_datetime(text.at)
        return {
            "sid": text.sid, "account_sid": "AC" + "1" * 32, "body": text.body, "from": text.sender,
            "to": text.to, "date_created": made, "date_sent": made, "date_updated": made,
            "direction": "inbound" if text.inbound else "outbound-api", "status": text.status,
            "num_media": "0", "num_segments": "1", "error_code": None,
        }  # fmt: skip


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(status, json.dumps(body))
