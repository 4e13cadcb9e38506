"""Carries what the carrier has taken: texts to phones with receipts, texts to the line by webhook, calls."""

from dataclasses import dataclass, field

from service.simulator import forms, twiml
from service.simulator.faults import Faults
from service.simulator.ledger import Ledger
from service.simulator.records import Call, Message
from service.simulator.refused import Refused
from service.simulator.webhooks import Answer, Form, Post, Unreachable, send

_STEPS = ["accepted", "queued", "sending", "sent"]  # whatever else is final


@dataclass
class Courier:
    """Works through one thing at a time, in whichever thread calls it; waits for the line's answers."""

    account_sid: str
    auth_token: str = field(repr=False)
    line_number: str
    public_url: str
    ledger: Ledger
    faults: Faults
    post: Post

    def deliver(self, message: Message, error_code: int | None = None) -> None:
        """Carry a text to its phone, with a receipt at each step but the first.

        Source: "Outbound message status in status callbacks": the initial status has no callback.
        """
        steps = _STEPS[_STEPS.index(message.status) + 1 :]
        if message.expires and self.ledger.clock.now() > message.expires:
            steps, error_code = ["failed"], 30036
        else:
            steps.append("undelivered" if error_code else "delivered")
        last = steps[-1]
        for status in self.faults.distort(steps):
            code = error_code if status == last else None
            self._move(message, status, code)
            if message.receipt_url:
                form = forms.receipt(self.account_sid, message, status, code)
                self._ask(message.receipt_url, form)
        self._move(message, last, error_code)

    def tell_line(self, message: Message) -> None:
        """Tell the line of a text; when that fails, ask its fallback address at once, as Twilio does."""
        url = f"{self.public_url}/twilio/sms"
        form = forms.inbound_text(self.account_sid, message)
        error, replies = self._hear(url, form)
        if error is not None:
            form |= {"ErrorCode": str(error), "ErrorUrl": url}
            error, replies = self._hear(f"{self.public_url}/twilio/sms/fallback", form)
        with self.ledger.change():
            message.heard = error is None
            for body in replies:
                self._reply(message.sender, body)

    def answer(self, to: str, body: str, *, by_carrier: bool) -> None:
        """A text that is there at once, without a receipt: the carrier's own, or asked for by TwiML."""
        self.ledger.keep(
            "SM", direction="outbound-reply", sender=self.line_number, to=to, body=body,
            status="delivered", sent=self.ledger.clock.now(), by_carrier=by_carrier,
        )  # fmt: skip

    def ring(self, call: Call) -> None:
        """Let a phone ring. Nobody picks up in this simulation, so the call ends as `no-answer`."""
        for sequence, event in enumerate(("initiated", "ringing", "completed")):
            status = "no-answer" if event == "completed" else event
            with self.ledger.change():
                call.status = "queued" if event == "initiated" else status
                call.updated = self.ledger.clock.now()
                call.ended = call.updated if event == "completed" else None
            if call.receipt_url and event in call.receipt_events:
                form = forms.call_receipt(self.account_sid, call, status, sequence)
                self._ask(call.receipt_url, form)

    def _move(self, message: Message, status: str, error_code: int | None) -> None:
        """A text only moves forward, however its receipts travel."""
        if _rank(status) <= _rank(message.status):
            return
        with self.ledger.change():
            message.sender = message.sender or self.line_number
            message.status, message.updated = status, self.ledger.clock.now()
            message.error_code = error_code
            message.sent = message.sent or (message.updated if status != "queued" else None)

    def _reply(self, to: str, body: str) -> None:
        if self.ledger.phone_at(to).opted_out:
            refused = Refused(21610)
            self.ledger.refuse(to, refused.code, refused.reason)
        else:
            self.answer(to, body, by_carrier=False)

    def _hear(self, url: str, form: Form) -> tuple[int | None, list[str]]:
        """What the line answers with, after the number of the error when it is no good answer."""
        answer = self._ask(url, form)
        if answer is None:
            return 11205, []
        if not 200 <= answer.status < 300:
            return 11200, []
        try:
            return None, twiml.replies(answer.body)
        except ValueError:
            return 12100, []

    def _ask(self, url: str, form: Form) -> Answer | None:
        try:
            return send(self.post, self.auth_token, url, form)
        except Unreachable:
            return None


def _rank(status: str) -> int:
    return _STEPS.index(status) if status in _STEPS else len(_STEPS)
