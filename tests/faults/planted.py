"""Bugs planted on purpose: the test of the test. `python -m tests.faults.planted [--seeds N]`.

Each is one change of the running service, put in before the seeds and taken out after them; the campaign
must notice every one of them.
"""

import argparse
import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.orm import Session

import service.conversation.apply as apply
import service.conversation.missed as missed
import service.conversation.receive as receiving
import service.db as db
import service.line.client as client
import service.line.doorstep as doorstep
import service.outbox.receipts as receipts
import service.outbox.reconcile as reconcile
import service.outbox.rules as rules
import service.outbox.send as send
import service.review.alerts as alerts
from service.line.doorstep import Doorstep
from service.outbox.models import OutboundMessage
from service.outbox.rules import POLICIES, Go, Kind, State
from service.outbox.sender import Accepted, TryAgain, Unknown
from tests.faults.promises import broken
from tests.faults.service_run import Machine, Run


@dataclass(frozen=True)
class Planted:
    """One bug: what it is, and the change that makes it."""

    name: str
    plant: Callable[[], Any]


def _policy(kind: Kind, **changes: Any) -> Any:
    return patch.dict(POLICIES, {kind: replace(POLICIES[kind], **changes)})


def _judge(change: Callable[..., Any]) -> Any:
    return patch.object(send, "judge", change(rules.judge))


def _valid_for_ten_hours(judge: Callable[..., Any]) -> Callable[..., Any]:
    def changed(kind: Kind, due: Any, to: Any, limits: Any, now: Any, queued: Any) -> Any:
        verdict = judge(kind, due, to, limits, now, queued)
        return Go(now + timedelta(hours=10)) if isinstance(verdict, Go) else verdict

    return changed


def _hours_in_utc(judge: Callable[..., Any]) -> Callable[..., Any]:
    from zoneinfo import ZoneInfo

    def changed(kind: Kind, due: Any, to: Any, limits: Any, now: Any, queued: Any) -> Any:
        where = replace(to, zones=(ZoneInfo("UTC"),)) if to else None
        return judge(kind, due, where, limits, now, queued)

    return changed


def _consent_not_asked_again(judge: Callable[..., Any]) -> Callable[..., Any]:
    def changed(kind: Kind, due: Any, to: Any, limits: Any, now: Any, queued: Any) -> Any:
        unasked = replace(to, opted_out=False) if to else None
        return judge(kind, due, unasked, limits, now, queued)

    return changed


def _never_asked(_judge: Callable[..., Any]) -> Callable[..., Any]:
    return lambda kind, due, to, limits, now, queued: Go(now + timedelta(hours=4))


def _time_out_is_safe_to_repeat() -> Any:
    inner = client.TwilioSender.send_text

    def changed(self: Any, message: Any) -> Any:
        handover = inner(self, message)
        return TryAgain(None) if isinstance(handover, Unknown) else handover

    return patch.object(client.TwilioSender, "send_text", changed)


def _accepted_is_forgotten() -> Any:
    inner = send.record_handover

    def changed(session: Any, outbox: Any, claimed: Any, handover: Any) -> None:
        if not isinstance(handover, Accepted):
            inner(session, outbox, claimed, handover)

    return patch.object(send, "record_handover", changed)


def _new_key_each_time() -> Any:
    import itertools

    numbers, inner = itertools.count(), db.insert_if_new

    def changed(session: Any, table: Any, **values: Any) -> Any:
        if "carrier_id" in values:
            values["carrier_id"] += f"-{next(numbers)}"
        return inner(session, table, **values)

    return patch.object(receiving, "insert_if_new", changed)


def _deleted_before_it_is_in() -> Any:
    """The file goes when it has been read; what goes wrong after that loses the text."""
    inner = Doorstep._read

    def changed(self: Doorstep, path: Path) -> Any:
        brought = inner(self, path)
        self.spool.done(path)
        return brought

    return patch.object(Doorstep, "_read", changed)


def _equal_texts_are_one() -> Any:
    def changed(brought: Any) -> str:
        fields = dict(brought.pairs)
        return f"{fields.get('From')} {fields.get('Body')}"

    return patch.object(doorstep, "_key", changed)


def _tip_without_memory() -> Any:
    import service.outbox.enqueue as enqueue

    return patch.object(enqueue, "TIP_MEMORY", timedelta())


def _no_claim() -> Any:
    """The row is handed over while it still counts as queued."""
    inner = send._let_go

    def changed(
        session: Any, outbox: Any, message: OutboundMessage, thread: Any, restored: Any, now: Any
    ) -> Any:
        claimed = inner(session, outbox, message, thread, restored, now)
        if claimed is not None:
            message.state, message.not_before = State.QUEUED, now + timedelta(minutes=30)
        return claimed

    return patch.object(send, "_let_go", changed)


def _sweep_in_our_own_time() -> Any:
    inner = receiving.receive
    return patch.object(missed, "receive", lambda c, heard, _at: inner(c, heard))


def _resend_at_once(session: Any, outbox: Any, message_id: int, *, asked: bool) -> None:
    message = session.get_one(OutboundMessage, message_id)
    message.state, message.lease_until, message.not_before = State.QUEUED, None, outbox.clock.now()


@contextmanager
def _no_savepoint(_session: Session) -> Iterator[None]:
    yield


PLANTED = (
    Planted("no unique key for an inbound text", _new_key_each_time),
    Planted("200 for a text that was not kept", lambda: patch.object(
        Doorstep, "_leave", lambda *_: None)),
    Planted("a file in the spool is deleted before it is in the database", _deleted_before_it_is_in),
    Planted("equal texts that wait on disk are one", _equal_texts_are_one),
    Planted("what waits on disk is never taken in", lambda: patch.object(
        Doorstep, "take_in", lambda _self: 0)),
    Planted("advice given in the answer to a webhook is sent again", lambda: patch.multiple(
        receiving, hold_back=lambda *_a: None, note_answered=lambda *_a: None)),
    Planted("nothing is fetched from the carrier's list", lambda: patch.object(
        missed, "_missed", lambda *_: [])),
    Planted("a fetched text has the time of its fetching", _sweep_in_our_own_time),
    Planted("a row is sent without being claimed", _no_claim),
    Planted("a time-out counts as not processed", _time_out_is_safe_to_repeat),
    Planted("consent is asked only when a message is queued", lambda: _judge(_consent_not_asked_again)),
    Planted("nothing is asked when a message leaves", lambda: _judge(_never_asked)),
    Planted("no validity period", lambda: _judge(_valid_for_ten_hours)),
    Planted("permitted hours in UTC", lambda: _judge(_hours_in_utc)),
    Planted("receipts move back", lambda: patch.object(receipts, "moves", lambda _old, _new: True)),
    Planted("receipts are not taken", lambda: patch.object(receipts, "moves", lambda _old, _new: False)),
    Planted("an unknown tip is sent again", lambda: _policy(
        Kind.TIP, resend_unknown=True, reconcile_for=timedelta(minutes=1))),
    Planted("an unknown reply is sent again before anybody looked", lambda: patch.object(
        reconcile, "_not_found", _resend_at_once)),
    Planted("what is in doubt is never looked at", lambda: patch.object(reconcile, "_next", lambda _o: None)),
    Planted("the carrier's answer is not written down", _accepted_is_forgotten),
    Planted("an opt-out is not carried out", lambda: patch.object(
        apply.Applier, "_opt_out", lambda _self: None)),
    Planted("staff are not alerted", lambda: patch.object(alerts, "begin", lambda *_a: None)),
    Planted("safety advice obeys the opt-out", lambda: _policy(Kind.SAFETY, priority=9, respects_hours=True)),
    Planted("the day's tips are not counted", _tip_without_memory),
    Planted("failed events are not tried again, nor shown", lambda: patch.object(
        receiving, "mark_failed", lambda *_a: None)),
    Planted("a savepoint is missing: a failure in the middle leaves half", lambda: patch.object(
        Session, "begin_nested", _no_savepoint)),
)  # fmt: skip


def caught_after(machine: Machine, bug: Planted, seeds: int) -> tuple[int, str] | None:
    """How many seeds it took and what was noticed; None when nobody noticed."""
    with bug.plant():
        for seed in range(seeds):
            run = Run(machine, seed)
            try:
                run.go()
            except Exception as error:  # noqa: BLE001  a bug may also break the service outright
                return seed + 1, f"raised {type(error).__name__}"
            if found := broken(run):
                return seed + 1, found[0]
    return None


def main() -> int:
    """Plant each, print what caught it; 1 when one was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--skip", type=int, default=0, help="begin with a later bug")
    asked = parser.parse_args()
    seeds = asked.seeds
    logging.disable(logging.CRITICAL)
    gc.enable()  # which importing the tests has put off
    machine, missed_bugs = Machine(), 0
    for bug in PLANTED[asked.skip :]:
        caught = caught_after(machine, bug, seeds)
        missed_bugs += caught is None
        print(
            f"| {bug.name} | {f'{caught[0]} | {caught[1]}' if caught else 'NOT CAUGHT |'} |",
            flush=True,
        )
    machine.remove()
    return 1 if missed_bugs else 0


if __name__ == "__main__":
    raise SystemExit(main())
