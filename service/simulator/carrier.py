"""The simulated carrier: takes texts and calls from the line, gives it what people text, and obeys STOP.

It stands in for Twilio in a demonstration and in tests, and knows no web framework: `rest` speaks its HTTP,
`page` shows its phones, `courier` does its carrying.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from service.clock import Clock
from service.simulator import keywords
from service.simulator.courier import Courier
from service.simulator.exchange import HIDDEN, Exchange
from service.simulator.faults import Faults
from service.simulator.ledger import Ledger
from service.simulator.orders import CallOrder, TextOrder, check_call, check_text
from service.simulator.records import Call, Kind, Message, Phone, new_sid
from service.simulator.refused import Refused
from service.simulator.webhooks import Background, Post, over_http

SIMULATED_ACCOUNT = "AC" + "0" * 32

Later = Callable[[Callable[[], None]], object]
"""Runs a job at some time after now, once: a thread's queue, or in a test whatever the test likes."""


class Carrier:
    """One simulated account with one number. Its methods may be called from any thread.

    `account_sid` must begin with AC and eight zeros, so that no real account is ever taken for a simulated
    one; ValueError otherwise. `service_sid` is the messaging service the line may send through. Webhooks go to
    `public_url` by `post`, out of `later`; both default to the real thing. A phone the line rings rings for
    `ring_seconds`; with none, nobody picks up.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        line_number: str,
        public_url: str,
        clock: Clock,
        *,
        post: Post | None = None,
        later: Later | None = None,
        service_sid: str | None = None,
        faults: Faults | None = None,
        ring_seconds: float = 0.0,
    ) -> None:
        if not account_sid.startswith("AC" + "0" * 8):
            raise ValueError(
                "the simulated carrier takes only a simulated account, never a real one"
            )
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.line_number = line_number
        self.public_url = public_url.rstrip("/")
        self.clock = clock
        self.service_sid = service_sid
        self.faults = faults or Faults()
        self.ledger = Ledger(clock)
        self.later = later or Background()
        self.ring_seconds = ring_seconds
        post = post or over_http()
        self.exchange = Exchange(
            account_sid, auth_token, line_number, self.public_url, self.ledger, post
        )
        self._courier = Courier(
            account_sid, auth_token, line_number, self.public_url, self.ledger, self.faults,
            post,
        )  # fmt: skip

    def create_message(self, order: TextOrder) -> Message:
        """Take a text from the line and send it on its way; Refused as Twilio would.

        Returns it as it was when it was taken: receipts may have moved it on since.
        """
        check_text(order, self.line_number, self.service_sid)
        with self.ledger.change():
            refused = self._unwanted(order.to)
            if refused:
                self.ledger.refuse(order.to, refused.code, refused.reason)
                raise refused
            error_code = self.faults.take_error()
            message = self._keep(order)
            taken = replace(message)
        self.later(lambda: self._courier.deliver(message, error_code))
        return taken

    def place_call(self, order: CallOrder) -> Call:
        """Place a call; Refused as Twilio would. Returns it as it was when placed."""
        check_call(order, self.line_number)
        now = self.clock.now()
        events = order.receipt_events
        call = Call(
            new_sid("CA"),
            order.sender,
            order.to,
            now,
            now,
            "queued",
            order.receipt_url,
            events,
        )
        with self.ledger.change():
            self.ledger.phone_at(order.to)
            self.ledger.calls[call.sid] = call
            placed = replace(call)
        if self.ring_seconds:
            self.later(lambda: self._ring(call, order.url))
        else:
            self.later(lambda: self._courier.ring(call))
        return placed

    def _ring(self, call: Call, url: str) -> None:
        self.exchange.ring_phone(call, url)
        leave = threading.Timer(
            self.ring_seconds, lambda: self.later(lambda: self.exchange.leave(call.sid))
        )
        leave.daemon = True
        leave.start()

    def ring_line(self, number: str, *, hidden: bool = False) -> Call:
        """Somebody on the page rings the line, with or without showing their number."""
        now = self.clock.now()
        sender = HIDDEN if hidden else number
        call = Call(
            new_sid("CA"), sender, self.line_number, now, now, "ringing", direction="inbound"
        )
        self.later(lambda: self.exchange.ring_line(call, number))
        return call

    def text_line(self, sender: str, body: str, picture: bool = False) -> Message:
        """Somebody texts the line: the carrier acts on its own words first, then tells the line.

        Refused (21614) from a landline.
        """
        with self.ledger.change():
            phone = self.ledger.phone_at(sender)
            if phone.kind is Kind.LANDLINE:
                raise Refused(21614)
            message = self._keep_inbound(sender, body, picture)
            action = keywords.act_on(body, phone.opted_out)
            phone.opted_out = action.opted_out
            if action.answer is not None:
                self._courier.answer(sender, action.answer, by_carrier=True)
        self.later(lambda: self._courier.tell_line(message))
        return message

    def add_phone(self, phone: Phone) -> Phone:
        """Put a phone on the page. One with this number already gets the new name, kind and language."""
        with self.ledger.change():
            known = self.ledger.phone_at(phone.number)
            known.name, known.kind, known.lang = phone.name, phone.kind, phone.lang
            return known

    def _unwanted(self, to: str) -> Refused | None:
        phone = self.ledger.phone_at(to)
        if phone.kind is Kind.LANDLINE:
            return Refused(21614)
        return Refused(21610) if phone.opted_out else None

    def _keep(self, order: TextOrder) -> Message:
        return self.ledger.keep(
            "MM" if order.media_urls else "SM",
            direction="outbound-api",
            sender=order.sender,
            to=order.to,
            body=order.body,
            status="accepted" if order.service_sid else "queued",
            media=tuple(new_sid("ME") for _ in order.media_urls),
            service_sid=order.service_sid or None,
            receipt_url=order.receipt_url,
            expires=self.clock.now() + timedelta(seconds=int(order.validity)),
        )

    def _keep_inbound(self, sender: str, body: str, picture: bool) -> Message:
        return self.ledger.keep(
            "MM" if picture else "SM",
            direction="inbound",
            sender=sender,
            to=self.line_number,
            body=body,
            status="received",
            sent=self.clock.now(),
            media=(new_sid("ME"),) if picture else (),
        )
