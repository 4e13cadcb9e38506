"""What staff do for a patient on the line: invite them to the tips, opt them out, let the tips go on."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service import history
from service.conversation.heard import Question
from service.conversation.models import Dialog
from service.conversation.receive import Conversation
from service.drip import rest
from service.drip.rules import PausedBy
from service.errors import Conflict
from service.outbox.enqueue import enqueue
from service.outbox.rules import Kind
from service.patients import consent
from service.patients.models import Thread
from service.patients.rules import Means, next_permitted, zones


def invite(
    session: Session, line: Conversation, thread: Thread, *, staff_id: int, said: str, now: datetime
) -> None:
    """Ask the patient by text whether they agree to the tips: somebody else has typed their number.

    Nothing more is sent until they answer 1. `said` is how they told staff ("in_person", "by_phone",
    "on_paper"). Conflict when they have opted out, are on the program, or cannot be texted.
    """
    _refuse_unfit(session, thread)
    shown = line.content.reply("consent_tips", thread.language)
    asked_at = next_permitted(now, line.limits.hours, zones(thread.zone, thread.address_zone))
    session.execute(delete(Dialog).where(Dialog.thread_id == thread.id))
    session.add(
        Dialog(
            thread_id=thread.id,
            question=Question.CONSENT_TIPS,
            answers={"shown": shown, "invited": said},
            asked_at=asked_at,
            suspended=False,
        )
    )
    key = f"invite:{thread.id}:{now.date().isoformat()}"
    sent = enqueue(
        session, key=key, kind=Kind.NOTICE, body=shown, thread=thread, limits=line.limits, now=now
    )
    if sent is None:
        raise Conflict("They were asked today already.")
    _remember(session, thread.id, staff_id, now, "invited to the tips", said=said)


def write(
    session: Session,
    line: Conversation,
    thread: Thread,
    *,
    body: str,
    key: str,
    staff_id: int,
    at_once: bool,
    now: datetime,
) -> datetime:
    """Queue a text that a member of staff has written; when it leaves (UTC).

    It waits for the patient's permitted hours unless `at_once`, which the history remembers. `key` is the
    form's own: sent twice by a second click, it is one text. Conflict when texts may not or cannot go.
    """
    _refuse_untextable(thread)
    where = zones(thread.zone, thread.address_zone)
    leaves = now if at_once else next_permitted(now, line.limits.hours, where)
    sent = enqueue(
        session,
        key=f"staff:{thread.id}:{key}",
        kind=Kind.STAFF_REPLY,
        body=body,
        thread=thread,
        limits=line.limits,
        now=now,
        due=leaves,
        staff_id=staff_id,
    )
    if sent is not None:
        outside = at_once and next_permitted(now, line.limits.hours, where) > now
        how = "outside permitted hours" if outside else "within permitted hours"
        _remember(session, thread.id, staff_id, now, "wrote a text", message=str(sent), how=how)
    return leaves


def opt_out_for(
    session: Session, thread: Thread, *, staff_id: int, words: str, now: datetime
) -> None:
    """Stop everything, because the patient said so to staff: by e-mail, on the phone, at the desk."""
    if thread.opted_out_at is not None:
        return
    actor = history.staff_actor(staff_id)
    consent.opt_out(
        session, thread.id, how=Means.STAFF, answered=words or None, now=now, actor=actor
    )
    rest.pause(session, thread.id, now, PausedBy.OPT_OUT, actor)
    session.execute(delete(Dialog).where(Dialog.thread_id == thread.id))


def let_go_on(
    session: Session, line: Conversation, thread: Thread, *, staff_id: int, now: datetime
) -> None:
    """Let a resting program go on. Conflict while a flag is open or after an opt-out."""
    if thread.flagged_at is not None:
        raise Conflict("A flag is still open. Close it first, then let the tips go on.")
    if thread.opted_out_at is not None:
        raise Conflict("They have opted out. Only their own START brings the tips back.")
    actor = history.staff_actor(staff_id)
    rest.resume(session, thread, line.content, now, staff=actor)


def _refuse_untextable(thread: Thread) -> None:
    if thread.opted_out_at is not None:
        raise Conflict("They have opted out. Only their own START brings texts back.")
    if not thread.textable or thread.phone is None:
        raise Conflict("This number cannot get texts.")


def _refuse_unfit(session: Session, thread: Thread) -> None:
    _refuse_untextable(thread)
    if rest.open_enrollment(session, thread.id) is not None:
        raise Conflict("They are on the program already.")


def _remember(
    session: Session, thread_id: int, staff_id: int, now: datetime, action: str, **detail: str
) -> None:
    actor, subject = history.staff_actor(staff_id), f"thread:{thread_id}"
    history.record(session, at=now, actor=actor, action=action, subject=subject, **detail)
