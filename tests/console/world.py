"""A clinic with staff, patients and texts, put straight into the database; and a console on it."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from fastapi import FastAPI
from sqlalchemy.orm import Session

from service.clock import FixedClock
from service.config import ROOT
from service.console.routes import ConsoleHouse, open_console
from service.content import Clinic
from service.conversation.models import Event, EventState, InboundMessage
from service.conversation.receive import Conversation
from service.db import Database
from service.house import limits_of
from service.outbox.models import OutboundMessage
from service.outbox.rules import Kind as MessageKind
from service.outbox.rules import State as MessageState
from service.patients.find import lock_thread
from service.patients.models import Patient
from service.review import resolve
from service.review.flag import flag
from service.review.rules import Kind
from service.staff import accounts, sign_in
from service.staff.models import Staff
from service.staff.rules import Role
from service.triage.rules import Finding, Level
from tests.line import words_in
from tests.visitor import Visitor

ANN = "+18045550142"
LUZ = "+18045550177"
ROY = "+16025550133"
BEA = "+18045550119"
HTTPS = "https://line.example.org"

Found = tuple[str, str, Level]  # the words, the sign, its level

_ids = itertools.count(1)


@dataclass
class World:
    """One clinic. The clock stands still until a test moves it."""

    database: Database
    clock: FixedClock
    clinic: Clinic
    public_url: str = HTTPS
    host: str = "127.0.0.1"  # when it is served
    cleared: list[int] = field(default_factory=list)
    replayed: list[int] = field(default_factory=list)
    replays_go_well: bool = True
    trusts_links: bool = True
    apps: dict[tuple[str, bool], FastAPI] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """The console alone, as an application."""
        app = FastAPI()
        open_console(app, self.house())
        return app

    @property
    def _app(self) -> FastAPI:
        """One application for all browsers, as long as the settings stay."""
        settings = (self.public_url, self.trusts_links)
        if settings not in self.apps:
            self.apps[settings] = self.app()
        return self.apps[settings]

    def house(self) -> ConsoleHouse:
        """What the console is made of here."""
        return ConsoleHouse(
            database=self.database,
            clock=self.clock,
            wall=self.clock,
            public_url=self.public_url,
            clinic=self.clinic.name,
            zone=self.clinic.zone,
            on_flags_cleared=self._on_flags_cleared,
            replay=self._replay,
            line=self.line(),
            trusts_links=self.trusts_links,
        )

    def line(self) -> Conversation:
        """What staff speak through."""
        words = words_in(ROOT / "messages")
        content, lexicon, limits = words.content, words.lexicon, limits_of(words.content)
        return Conversation(
            self.database, content, lexicon, limits, self.clock, self.public_url, lambda: None
        )

    def browser(self) -> Visitor:
        """A browser that nobody is signed in with."""
        origin = {"Origin": self.public_url}
        return Visitor(self._app, base_url=self.public_url, headers=origin, follow_redirects=False)

    def staff(self, name: str, role: Role = Role.CLINICIAN) -> int:
        """Somebody with an account; the id."""
        with self.database.transaction() as session:
            email = f"{name.split()[0].lower()}{next(_ids)}@clinic.example"
            keyring, now = self.database.keyring, self.clock.now()
            return accounts.add(session, keyring, name=name, email=email, role=role, now=now).id

    def link(self, staff_id: int) -> str:
        """A fresh one-time token."""
        with self.database.transaction() as session:
            return sign_in.make_link(session, staff_id, self.clock.now())

    def signed_in(self, staff_id: int) -> Visitor:
        """A browser in which this person has used a link."""
        browser = self.browser()
        answer = browser.post("/console/sign-in", data={"link": self.link(staff_id)})
        assert answer.status_code == 303
        return browser

    def disable(self, staff_id: int) -> None:
        """Close an account."""
        with self.database.transaction() as session:
            accounts.disable(session, staff_id, self.clock.now())

    def patient(self, number: str | None, name: str | None = None, language: str = "en") -> int:
        """A thread with a patient; its id."""
        with self.database.transaction() as session:
            thread, _new = lock_thread(
                session,
                self.database.keyring,
                number,
                language=language,
                zone=self.clinic.time_zone,
                now=self.clock.now(),
            )
            session.flush()
            named = session.query(Patient).filter_by(thread_id=thread.id).one()
            named.name = name
            return thread.id

    def text(self, thread_id: int, body: str, *found: Found, ago: int = 0) -> int:
        """A text from a patient, `ago` minutes ago; the message's id."""
        findings = [_finding(body, *each) for each in found]
        at = self.ago(ago)
        with self.database.transaction() as session:
            event = self._event(session, [["Body", body]], EventState.HANDLED, at)
            message = InboundMessage(
                event_id=event.id,
                thread_id=thread_id,
                channel="sms",
                body=body,
                media_count=0,
                level=Level.highest(finding.level for finding in findings),
                findings=[asdict(finding) for finding in findings],
                lexicon="1",
                received_at=at,
            )
            session.add(message)
            session.flush()
            return message.id

    def item(
        self,
        subject: str,
        kind: Kind,
        level: Level,
        thread_id: int | None = None,
        ago: int = 0,
    ) -> int:
        """A review item; its id."""
        with self.database.transaction() as session:
            made = flag(
                session,
                subject=subject,
                kind=kind,
                level=level,
                thread_id=thread_id,
                now=self.ago(ago),
                clinic=self.clinic,
            )
        assert made is not None
        return made

    def red_flag(self, thread_id: int, body: str, *found: Found, ago: int = 0) -> int:
        """A text with signs in it, in front of staff; the item's id."""
        message_id = self.text(thread_id, body, *found, ago=ago)
        level = Level.highest(each[2] for each in found)
        return self.item(f"message:{message_id}", Kind.RED_FLAG, level, thread_id, ago)

    def failed_event(self, fields: Sequence[Sequence[str]], ago: int = 0) -> tuple[int, int]:
        """An event that could not be handled, in front of staff; the item's and the event's id."""
        with self.database.transaction() as session:
            event_id = self._event(session, fields, EventState.FAILED, self.ago(ago)).id
        return self.item(f"event:{event_id}", Kind.FAILED_EVENT, Level.URGENT, None, ago), event_id

    def sent(
        self,
        thread_id: int,
        body: str,
        kind: MessageKind = MessageKind.REPLY,
        state: MessageState = MessageState.DELIVERED,
        *,
        by: int | None = None,
        reason: str | None = None,
        code: int | None = None,
        ago: int = 0,
    ) -> int:
        """A text to a patient; its id."""
        with self.database.transaction() as session:
            message = OutboundMessage(
                dedupe_key=f"test:{next(_ids)}",
                thread_id=thread_id,
                staff_id=by,
                to=ANN,
                kind=kind,
                body=body,
                priority=3,
                state=state,
                reason=reason,
                created_at=self.ago(ago),
                not_before=self.ago(ago),
                attempts=1,
                error_code=code,
            )
            session.add(message)
            session.flush()
            return message.id

    def ago(self, minutes: int) -> datetime:
        """So many minutes before now."""
        return self.clock.now() - timedelta(minutes=minutes)

    def name_of(self, staff_id: int) -> str:
        """What somebody is called."""
        with self.database.reading() as session:
            return session.get_one(Staff, staff_id).name

    def email_of(self, staff_id: int) -> str:
        """Somebody's address."""
        with self.database.reading() as session:
            return session.get_one(Staff, staff_id).email

    def _event(
        self, session: Session, fields: Sequence[Sequence[str]], state: EventState, at: datetime
    ) -> Event:
        event = Event(
            kind="sms",
            carrier_id=f"SM{next(_ids):032x}",
            raw=[list(pair) for pair in fields],
            received_at=at,
            state=state,
            attempts=1,
            error="ValueError" if state is EventState.FAILED else None,
        )
        session.add(event)
        session.flush()
        return event

    def _on_flags_cleared(self, session: Session, thread_id: int, _now: datetime) -> None:
        assert session.in_transaction()
        self.cleared.append(thread_id)

    def _replay(self, event_id: int) -> bool:
        with self.database.transaction():  # as the real one: must not be called inside another
            self.replayed.append(event_id)
        return self.replays_go_well


def _finding(body: str, words: str, sign: str, level: Level) -> Finding:
    start = body.index(words)
    return Finding(sign, level, words, start, start + len(words), f"{sign}: “{words}”")


def a_busy_morning(world: World, holder: int) -> dict[str, int]:
    """The cast of the screenshots and the browser tests; thread ids by name."""
    ann = world.patient(ANN, "Ann Walker")
    luz = world.patient(LUZ, "Luz Ortega", "es")
    roy = world.patient(ROY)
    bea = world.patient(BEA, "Bea Nguyen")
    world.sent(ann, "Tip 2 of 9. Warm up before you stretch: five minutes of easy walking. "
               "Any of these today? Numbness between the legs, weakness in a foot, trouble with "
               "bladder or bowels. 1 = none, 2 = some.", MessageKind.TIP, ago=190)  # fmt: skip
    world.text(ann, "1", ago=185)
    world.sent(ann, "Good. The next tip comes on Wednesday.", ago=185)
    world.red_flag(
        ann,
        "since this morning i can't feel anything between my legs and my foot went numb. is that normal?",
        ("can't feel anything between my legs", "saddle_numbness", Level.EMERGENCY),
        ("my foot went numb", "numb_foot", Level.URGENT),
        ago=4,
    )
    world.sent(ann, "This can be an emergency. Call 911 or go to the nearest emergency room now. "
               "We are also telling our staff.", MessageKind.SAFETY, MessageState.SENT, ago=4)  # fmt: skip
    world.red_flag(
        luz,
        "Desde ayer me duele más y tengo fiebre de 39, no sé si es por la espalda",
        ("fiebre de 39", "fever", Level.URGENT),
        ago=75,
    )
    message = world.text(
        roy, "can somebody call me about the exercises, the third one pops", ago=20
    )
    call = world.item(f"message:{message}", Kind.CALL_BACK, Level.REVIEW, roy, ago=20)
    lost = world.sent(
        bea, "Your report is on its way.", state=MessageState.UNDELIVERED, code=30003, ago=50
    )
    world.item(f"outbound:{lost}", Kind.FAILED_SEND, Level.REVIEW, bea, ago=50)
    item, _event = world.failed_event(
        [
            ["From", ""],
            ["To", "+18045550100"],
            ["Body", "hello? my leg is weak"],
            ["NumMedia", "0"],
        ],
        ago=6,
    )
    with world.database.transaction() as session:
        resolve.claim(session, [call], holder, world.ago(3))
    return {"ann": ann, "luz": luz, "roy": roy, "bea": bea, "lost_item": item}
