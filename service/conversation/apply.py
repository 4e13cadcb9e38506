"""Turn each effect into one call, inside the transaction of the message that brought it about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from service import history
from service.content import Content
from service.conversation import effects as fx
from service.conversation.asking import ASKED_BY, ASKED_WITH
from service.conversation.callers import takes_texts
from service.conversation.heard import Channel, Heard, Question
from service.conversation.models import Dialog
from service.conversation.restraint import said_once
from service.drip import enroll as program
from service.drip import rest
from service.drip.rules import PausedBy
from service.drip.timing import first_due
from service.history import PATIENT
from service.outbox.enqueue import enqueue
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import Limits
from service.patients import consent
from service.patients.models import Patient, Thread
from service.patients.rules import Means, Purpose
from service.report_requests import words as report_words
from service.report_requests.address import zone_of_address
from service.report_requests.change import correct
from service.report_requests.request import (
    Wish,
    hand_out_link,
    reports_of,
    request_report,
    standing,
)
from service.report_requests.rules import Delivery, Outcome, Promise
from service.review.flag import flag
from service.review.rules import FLAGGING
from service.review.rules import Kind as ReviewKind
from service.triage.rules import Level

FIRST_CALL_AFTER = timedelta(hours=1)


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
    written: datetime  # when the patient wrote it; earlier than now where it reached us late
    now: datetime
    shown: str | None = None  # the words of consent that were spoken
    said: int = field(default=0)

    def apply_all(self, effects: Iterable[fx.Effect]) -> None:
        """Apply the effects in their order."""
        for effect in effects:
            self.apply(effect)

    def apply(self, effect: fx.Effect) -> None:
        """Apply one effect."""
        match effect:
            case fx.Say(key, kind, params):
                natural = said_once(key, self.thread.id, self.written)
                self.say(self.reply(key, **params), kind, natural)
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
                    how=self.heard.means,
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
            case fx.RequestReport() | fx.CorrectReport() | fx.SayReport() | fx.KeepWebConsent():
                self._serve_report(effect)
            case fx.TipsByCall(by_call):
                self.thread.by_call = by_call
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
            params["link"] = report_words.report_link(
                self.content.clinic, self.public_url, self.thread.language
            )
        return self.content.reply(key, self.thread.language, **params)

    def say(self, body: str, kind: MessageKind = MessageKind.REPLY, key: str | None = None) -> None:
        """Queue a text; its natural key is the message it answers and its place among the answers."""
        self.said += 1
        enqueue(
            self.session,
            key=key or f"reply:{self.message_id}:{self.said}",
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

    def _opt_out(self) -> None:
        consent.opt_out(
            self.session,
            self.thread.id,
            how=self.heard.means,
            answered=self.heard.body,
            now=self.written,
        )
        self.session.refresh(self.thread)
        rest.pause(self.session, self.thread.id, self.now, PausedBy.OPT_OUT, PATIENT)
        self._end_dialog()

    def _ask(self, effect: fx.Ask) -> None:
        key = effect.key or ASKED_BY[effect.question]
        params = {word: effect.answers[word] for word in ASKED_WITH.get(key, ())}
        text = self.reply(key, **params)
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

    def _serve_report(
        self, effect: fx.RequestReport | fx.CorrectReport | fx.SayReport | fx.KeepWebConsent
    ) -> None:
        match effect:
            case fx.RequestReport():
                self._request_report(effect)
            case fx.CorrectReport():
                self._correct_report(effect)
            case fx.SayReport():
                self._say_report()
            case fx.KeepWebConsent():
                self._keep_web_consent()

    def _request_report(self, effect: fx.RequestReport) -> None:
        if effect.delivery is Delivery.LINK:
            hand_out_link(
                self.session, thread_id=self.thread.id, patient_id=self.patient.id, now=self.now
            )
            return
        name, address = effect.recipient or "", effect.address or ""
        wish = Wish(self.thread.id, self.patient.id, name, address, effect.doubtful)
        promise = request_report(self.session, wish, self.content.clinic, self.now)
        self._live_at(name, address)
        if promise.outcome is Outcome.HELD:
            self._flag(fx.Flag(ReviewKind.REPORT_HELD, Level.REVIEW))
        self._tell(promise)

    def _live_at(self, recipient: str, address: str) -> None:
        """What an address teaches of a patient: the name, where none is known, and the time zone."""
        self.patient.name = self.patient.name or recipient
        if zone := zone_of_address(address):
            self.thread.address_zone = zone.key

    def _correct_report(self, effect: fx.CorrectReport) -> None:
        request = reports_of(self.session, self.thread.id, self.now).open_by_mail
        where = {"recipient": effect.recipient, "address": effect.address}
        if request and correct(
            self.session, request.id, **where, now=self.now, actor=history.PATIENT
        ):
            self._live_at(**where)
            self.say(self.reply("report_corrected"))
        else:
            self._say_report()

    def _say_report(self) -> None:
        promise = standing(self.session, self.thread.id, self.content.clinic, self.now)
        self._tell(report_words.again(promise or Promise(Outcome.ALREADY)))

    def _tell(self, promise: Promise) -> None:
        if self.heard.channel is Channel.CALL and not takes_texts(self.thread):
            return  # it was said on the telephone, and no text would arrive
        key, params = report_words.reply_for(promise, self.thread.language)
        self.say(self.reply(key, **params))

    def _keep_web_consent(self) -> None:
        assert self.dialog is not None
        consent.record_consent(
            self.session,
            self.thread.id,
            Purpose.REPORT,
            granted=True,
            how=Means.WEB,
            shown=self.dialog.answers["shown"],
            answered=self.heard.body,
            now=self.now,
        )

    def _enroll(self) -> None:
        consent.record_consent(
            self.session,
            self.thread.id,
            Purpose.PROGRAM,
            granted=True,
            how=self.heard.means,
            shown=self.shown or self._shown_for_tips(),
            answered=self.heard.body,
            now=self.now,
        )
        program.enroll(self.session, self.thread, self.patient.id, self.content, self.now)
        if self.thread.by_call:  # nobody is rung while still on the telephone
            first_due(self.session, self.thread.id, self.now + FIRST_CALL_AFTER)

    def _shown_for_tips(self) -> str | None:
        answers = self.dialog.answers if self.dialog else {}
        return answers.get("shown_tips") or answers.get("shown")

    def _answer_check_in(self) -> None:
        if step := program.last_queued(self.session, self.thread.id):
            program.answer_check_in(self.session, step.id, self.now)
