"""Turn each effect into one call, inside the transaction of the message that brought it about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from service.content import Content
from service.conversation import effects as fx
from service.conversation.heard import Heard, Question
from service.conversation.models import Dialog
from service.drip import enroll as program
from service.drip import rest
from service.drip.rules import PausedBy
from service.history import PATIENT
from service.outbox.enqueue import enqueue, enqueue_to_staff
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import Limits
from service.patients import consent
from service.patients.models import Patient, Thread
from service.patients.rules import Means, Purpose
from service.report_requests.address import read_address, zone_of_zip
from service.report_requests.request import request_report
from service.review.flag import flag
from service.review.rules import FLAGGING

ASKED_BY: dict[Question, str] = {
    Question.REPORT_HOW: "report_how",
    Question.NAME: "ask_name",
    Question.ADDRESS: "ask_address",
    Question.ZIP: "ask_zip",
    Question.CONFIRM: "confirm_address",
    Question.CONSENT_TIPS: "consent_tips",
}


@dataclass(slots=True)
class Applier:
    """Applies the effects of one message to its thread."""

    session: Session
    content: Content
    limits: Limits
    public_url: str
    thread: Thread
    patient: Patient
    dialog: Dialog | None
    heard: Heard
    message_id: int
    now: datetime
    said: int = field(default=0)

    def apply_all(self, effects: Iterable[fx.Effect]) -> None:
        """Apply the effects in their order."""
        for effect in effects:
            self.apply(effect)

    def apply(self, effect: fx.Effect) -> None:
        """Apply one effect."""
        match effect:
            case fx.Say(key, kind, params):
                self.say(self.reply(key, **params), kind)
            case fx.SayMore():
                self._say_more()
            case fx.SayAnswer(question):
                self.say(self.content.faq(self.thread.language)[question].answer)
            case fx.Flag():
                self._flag(effect)
            case fx.SetLanguage(language):
                self.thread.language = language
            case fx.OptOut():
                self._opt_out()
            case fx.OptIn():
                consent.opt_in(
                    self.session,
                    self.thread.id,
                    how=Means.TEXT,
                    answered=self.heard.body,
                    now=self.now,
                )
                self.session.refresh(self.thread)
            case fx.Ask():
                self._ask(effect)
            case fx.Suspend():
                self._suspend()
            case fx.EndDialog():
                self._end_dialog()
            case fx.RequestReport():
                self._request_report(effect)
            case fx.Enroll():
                self._enroll()
            case fx.Pause():
                rest.pause(self.session, self.thread.id, self.now, actor=PATIENT)
            case fx.Prefer(part, pace):
                program.prefer(
                    self.session, self.thread, self.content, self.now, part=part, pace=pace
                )
            case fx.Resume():
                rest.resume(self.session, self.thread, self.content, self.now)
            case fx.AnswerCheckIn():
                self._answer_check_in()

    def reply(self, key: str, **params: str) -> str:
        """A reply in the patient's language."""
        if key == "report_link":
            own = f"{self.public_url}/report.pdf?lang={self.thread.language}"
            params["link"] = self.content.clinic.report.link or own
        return self.content.reply(key, self.thread.language, **params)

    def say(self, body: str, kind: MessageKind = MessageKind.REPLY) -> None:
        """Queue a text; its natural key is the message it answers and its place among the answers."""
        self.said += 1
        enqueue(
            self.session,
            key=f"reply:{self.message_id}:{self.said}",
            kind=kind,
            body=body,
            thread=self.thread,
            limits=self.limits,
            now=self.now,
        )

    def _say_more(self) -> None:
        step = program.last_queued(self.session, self.thread.id)
        steps = {each.id: each for each in self.content.program(self.thread.language).steps}
        known = steps.get(step.step) if step else None
        self.say(known.more if known else self.reply("no_more"))

    def _flag(self, effect: fx.Flag) -> None:
        item_id = flag(
            self.session,
            subject=f"message:{self.message_id}",
            kind=effect.kind,
            level=effect.level,
            thread_id=self.thread.id,
            now=self.now,
            clinic=self.content.clinic,
        )
        if item_id is None or effect.level not in FLAGGING:
            return
        self.session.refresh(self.thread)
        rest.pause(self.session, self.thread.id, self.now, PausedBy.FLAG)
        alert_staff(self.session, self.content, self.public_url, item_id, effect.level, self.now)

    def _opt_out(self) -> None:
        consent.opt_out(
            self.session, self.thread.id, how=Means.TEXT, answered=self.heard.body, now=self.now
        )
        self.session.refresh(self.thread)
        rest.pause(self.session, self.thread.id, self.now, PausedBy.OPT_OUT, PATIENT)
        self._end_dialog()

    def _ask(self, effect: fx.Ask) -> None:
        words = ("name", "address") if effect.question is Question.CONFIRM else ()
        params = {word: effect.answers[word] for word in words}
        text = self.reply(effect.key or ASKED_BY[effect.question], **params)
        answers = dict(effect.answers)
        if effect.question is Question.CONSENT_TIPS:
            answers["shown"] = text
        self.say(self.reply("question_again", question=text) if effect.again else text)
        values = {
            "question": effect.question,
            "answers": answers,
            "asked_at": self.now,
            "suspended": False,
        }
        if self.dialog is None:
            self.dialog = Dialog(thread_id=self.thread.id, **values)
            self.session.add(self.dialog)
        else:
            self.session.execute(
                update(Dialog).where(Dialog.thread_id == self.thread.id).values(**values)
            )

    def _suspend(self) -> None:
        suspended = update(Dialog).where(Dialog.thread_id == self.thread.id)
        self.session.execute(suspended.values(suspended=True))

    def _end_dialog(self) -> None:
        self.session.execute(delete(Dialog).where(Dialog.thread_id == self.thread.id))
        self.dialog = None

    def _request_report(self, effect: fx.RequestReport) -> None:
        request_report(
            self.session,
            thread_id=self.thread.id,
            patient_id=self.patient.id,
            delivery=effect.delivery,
            recipient=effect.recipient,
            address=effect.address,
            now=self.now,
        )
        if effect.recipient:
            self.patient.name = effect.recipient
        zip_code = read_address(effect.address).zip if effect.address else None
        if zip_code and (zone := zone_of_zip(zip_code)):
            self.thread.address_zone = zone.key

    def _enroll(self) -> None:
        consent.record_consent(
            self.session,
            self.thread.id,
            Purpose.PROGRAM,
            granted=True,
            how=Means.TEXT,
            shown=self.dialog.answers.get("shown") if self.dialog else None,
            answered=self.heard.body,
            now=self.now,
        )
        program.enroll(self.session, self.thread, self.patient.id, self.content, self.now)

    def _answer_check_in(self) -> None:
        if step := program.last_queued(self.session, self.thread.id):
            program.answer_check_in(self.session, step.id, self.now)


def alert_staff(
    session: Session, content: Content, public_url: str, item_id: int, level: str, now: datetime
) -> None:
    """Tell everybody on the alert list, in words free of health data."""
    body = content.reply("staff_alert", "en", level=level, link=f"{public_url}/console")
    for place, number in enumerate(content.clinic.alerts.numbers):
        enqueue_to_staff(session, key=f"alert:{item_id}:{place}", to=number, body=body, now=now)
