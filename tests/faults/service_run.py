"""One run: the real service in two web and two worker processes, some patients, some days, one seed."""

import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fastapi.routing import APIRoute
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from starlette.datastructures import FormData

from service.clock import FixedClock
from service.config import ROOT
from service.content import load
from service.conversation.models import Event, EventState
from service.drip.timing import release
from service.errors import Unkept
from service.house import House, build
from service.line.alarm import Alarm
from service.line.client import TwilioSender
from service.line.doorstep import Doorstep
from service.line.webhooks import create_line
from service.migrate import migrate
from service.outbox.breaker import Breaker
from service.outbox.models import OutboundMessage
from service.outbox.rules import RANKS, State
from service.outbox.sender import Accepted, Handover, Outgoing, Unknown
from service.patients.find import thread_of
from service.patients.models import Thread
from service.review import resolve
from service.review.models import ReviewItem
from service.review.rules import Outcome
from service.review.rules import State as ReviewState
from service.staff.accounts import add
from service.staff.rules import Role
from service.worker import timetable
from tests.faults.carrier import Carried, SimulatedTwilio
from tests.faults.faults import Fault
from tests.faults.people import NUMBERS, STOPS, talk
from tests.faults.world import Process, SimulatedDatabase, SimulatedSpool, World
from tests.line import make_settings
from tests.look import Look
from tests.postgres import MEMORY
from tests.pure_answers import remember_pure_answers

ON_CALL = "+18045550190"
STARTS = (
    datetime(2026, 11, 30, 14, tzinfo=UTC),
    datetime(2026, 10, 31, 13, tzinfo=UTC),  # the clocks go back in the night
    datetime(2027, 3, 13, 15, tzinfo=UTC),  # the clocks go forward in the night
    datetime(2026, 12, 5, 23, tzinfo=UTC),  # a Saturday evening before a Sunday
)


OF_CALLS = ("fetch recordings", "raise unheard voicemails", "import missed voicemails")
"""Jobs that this simulation leaves out: nobody rings in it yet, only texts."""

SELDOM = {
    "turn the week": timedelta(hours=12),
    "tell of reports": timedelta(hours=6),
    "end silent dialogs": timedelta(hours=2),
    "take in what was missed": timedelta(hours=1),
    "seal the history": timedelta(hours=6),
    "heartbeat": timedelta(hours=12),
    "settle a restore": timedelta(hours=24),
}
"""Jobs that a run has tick less often than the service does: an idle tick finds no bugs. At rest they
tick as they do in the service."""

NEVER = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class HandOver:
    """A text that was handed to the carrier's client, as it was then."""

    outgoing: Outgoing
    claimed: int  # how many commits had been made when it was claimed
    at: datetime  # the service's time
    handover: Handover
    direct: bool = False  # an alert past the database


@dataclass
class History:
    """What was seen from outside, for the promises to be checked against."""

    sent: list[HandOver] = field(default_factory=list)
    stopped: list[tuple[Carried, int]] = field(default_factory=list)  # and commits at the answer
    started: list[tuple[Carried, int]] = field(
        default_factory=list
    )  # and commits when it was written
    answered: list[tuple[str, str]] = field(default_factory=list)  # number, words in the answer
    answered_late: list[tuple[str, str]] = field(
        default_factory=list
    )  # the sweep had brought the text
    broken: list[str] = field(default_factory=list)
    acknowledged: int = 0


class EdgeSender:
    """The real client behind a point at which the process can die; remembers what was handed over."""

    def __init__(self, inner: TwilioSender, run: "Run", *, direct: bool = False) -> None:
        self.inner, self.run, self.direct = inner, run, direct

    def send_text(self, message: Outgoing) -> Handover:
        """Hand one text over."""
        world, claimed, at = self.run.world, self.run.world.commits, self.run.world.clock.moment
        world.edge(Fault.CRASH_BEFORE_CALL)
        handover: Handover = Unknown()
        try:
            handover = self.inner.send_text(message)
        finally:
            self.run.history.sent.append(HandOver(message, claimed, at, handover, self.direct))
        world.note("sent", message.to[-4:], len(message.body), type(handover).__name__)
        world.edge(Fault.CRASH_AFTER_CALL)
        return handover

    def place_call(self, call: Outgoing) -> Handover:
        """Only staff are rung, and none of them picks up."""
        self.run.world.note("rang", call.to[-4:])
        return Accepted(f"CA{call.token}")

    def find_call(
        self, call: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """No call is ever in doubt."""
        return None

    def find_text(
        self, message: Outgoing, handed_over_at: datetime, known: Collection[str]
    ) -> Accepted | Unknown | None:
        """Ask the carrier's list."""
        self.run.world.edge(Fault.CRASH_BEFORE_CALL)
        return self.inner.find_text(message, handed_over_at, known)

    def sent_since(self, since: datetime) -> Any:
        """Ask the carrier's list."""
        return self.inner.sent_since(since)

    def texts_since(self, since: datetime) -> Any:
        """Ask the carrier's list."""
        self.run.world.edge(Fault.CRASH_BEFORE_CALL)
        return self.inner.texts_since(since)


class Machine:
    """What all runs of this operating-system process share: the code, compiled, and one database file."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="backtalk-sim-", dir=MEMORY))
        self.path = self.folder / "run.sqlite3"
        self.settings = make_settings(f"sqlite:///{self.path}")
        self.database = SimulatedDatabase.of(self.settings)
        self.spool = SimulatedSpool(self.settings.spool_folder, self.database.keyring)
        self.clock = FixedClock(STARTS[0])
        content = load(ROOT / "messages")
        quietly = {"numbers": (ON_CALL,), "repeat_minutes": 24 * 60}  # nobody ever acknowledges
        alerts = content.clinic.alerts.model_copy(update=quietly)
        self.content = content.model_copy(
            update={"clinic": content.clinic.model_copy(update={"alerts": alerts})}
        )
        migrate(self.database)
        with self.database.transaction() as session:
            add(
                session,
                self.database.keyring,
                name="Kim",
                email="kim@clinic.example",
                role=Role.CLINICIAN,
                now=STARTS[0],
            )
        self.database.close()
        shutil.copy(self.path, self.folder / "template")
        self.house = self._build()
        remember_pure_answers()
        self.look = Look(self.database.engine.url)

    def _build(self) -> House:
        house = build(self.settings, self.clock)
        house.database.close()
        return replace(
            house,
            database=self.database,
            content=self.content,
            conversation=replace(house.conversation, database=self.database, content=self.content),
            outbox=replace(house.outbox, database=self.database),
            drip=replace(house.drip, database=self.database, content=self.content),
        )

    def fresh(self) -> None:
        """An empty database."""
        self.database.close()
        self.look.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        shutil.copy(self.folder / "template", self.path)
        shutil.rmtree(self.spool.folder, ignore_errors=True)
        self.look = Look(self.database.engine.url)

    def remove(self) -> None:
        """Delete the database."""
        self.database.close()
        self.look.close()
        shutil.rmtree(self.folder)


class Run:
    """One seed."""

    def __init__(self, machine: Machine, seed: int, *, log: bool = False) -> None:
        self.machine, self.seed = machine, seed
        chance = World(seed, STARTS[0]).chance
        self.world = World(seed, chance.choice(STARTS))
        self.world.log = [] if log else None
        self.history = History()
        self.webs = [Process("web 1"), Process("web 2")]
        self.workers = [Process("worker 1"), Process("worker 2")]
        self.first_look = self.world.time
        self.ran: dict[tuple[str, str], datetime] = {}
        self.ranks: dict[int, tuple[int, int]] = {}
        machine.fresh()
        machine.clock.moment = self.world.time
        self.world.clock = machine.clock
        self.carrier = SimulatedTwilio(
            self.world.weather, lambda: self.world.time, self.world.later, self._receipt
        )
        self.house = self._house()
        house = self.house
        routes = create_line(house.doorstep, house.gate, house.line_types).routes
        self.endpoints: dict[str, Callable[..., Any]] = {
            route.path: route.endpoint for route in routes if isinstance(route, APIRoute)
        }

    def _house(self) -> House:
        house = self.machine.house
        twilio = TwilioSender(house.settings, house.settings.twilio_account_sid, "token")
        twilio._client.http_client = self.carrier
        edge = EdgeSender(twilio, self)
        outbox = replace(house.outbox, sender=edge, breaker=Breaker())
        past_the_database = replace(outbox, sender=EdgeSender(twilio, self, direct=True))
        ready = replace(house, outbox=outbox, inbox=edge, spool=self.machine.spool)
        ready.__dict__["doorstep"] = Doorstep(
            house.conversation,
            past_the_database,
            edge,
            self.machine.spool,
            Alarm(house.conversation, past_the_database.sender, house.channels),
        )
        return ready

    def go(self) -> str:
        """Live through the run, and let it come to rest; the trace's fingerprint."""
        world, database, spool = self.world, self.machine.database, self.machine.spool
        database.world = spool.world = None
        self.jobs = [job for job in timetable(self.house) if job.name not in OF_CALLS]
        for job in self.jobs:
            job.run()  # the first look at the carrier's list, before any trouble
        database.world = spool.world = world
        end = world.time + timedelta(hours=world.chance.choice((3, 6, 6, 12, 30, 54)))
        self._plan_people(end)
        for worker in self.workers:
            self._next_round(worker)
        for _ in range(3):
            self._plan_clock(end)
        try:
            world.run(end)
            self._come_to_rest()
        finally:
            database.world = spool.world = None
        return world.trace()

    def _plan_people(self, end: datetime) -> None:
        chance = self.world.chance
        for number in chance.sample(NUMBERS, chance.choice((1, 1, 2, 3))):
            at = timedelta(seconds=chance.randint(60, 7200))
            for body in talk(chance):
                self.world.later(at, lambda n=number, b=body: self._text(n, b))  # type: ignore[misc]
                at += timedelta(seconds=chance.choice((1, 20, 300, 4000, 30000, 90000)))
        self.world.later(timedelta(hours=chance.randint(1, 20)), self._staff)

    def _plan_clock(self, end: datetime) -> None:
        def jump() -> None:
            if self.world.weather.strikes(Fault.CLOCK_FORWARD):
                self.world.skew += timedelta(hours=2)
            elif self.world.weather.strikes(Fault.CLOCK_BACK):
                self.world.skew -= timedelta(hours=1)

        for hour in range(1, int((end - self.world.time).total_seconds() // 3600), 5):
            self.world.later(timedelta(hours=hour), jump)

    def _come_to_rest(self) -> None:
        """No more faults: everything that is under way ends, and all is well again without a hand."""
        world = self.world
        world.weather.calm = True
        ahead, world.skew = max(world.skew, timedelta()), timedelta()
        for process in (*self.webs, *self.workers):
            process.down_until = None
        for worker in self.workers:
            if not worker.running:
                self._round(worker)
        world.run(world.time + timedelta(minutes=45) + ahead)

    def _text(self, number: str, body: str) -> None:
        if self.world.weather.calm:
            return  # the story is over: what is under way comes to its end
        text = self.carrier.keep_inbound(number, body)
        self.world.note("text", number[-4:], body)
        if (
            body == "START"
        ):  # whether by its webhook, from the disk or the carrier's list: from now on
            self.history.started.append((text, self.world.commits))
        strikes, chance = self.world.weather.strikes, self.world.chance
        if strikes(Fault.WEBHOOK_LOST):
            return
        late = (
            timedelta(seconds=chance.randint(1, 900))
            if strikes(Fault.WEBHOOK_LATE)
            else timedelta()
        )
        self.world.later(late, lambda: self._webhook(text, "/twilio/sms"))
        if strikes(Fault.WEBHOOK_REPEATED):
            for _ in range(chance.randint(1, 4)):
                after = timedelta(seconds=chance.choice((0, 1, 60, 4000)))
                self.world.later(after, lambda: self._webhook(text, "/twilio/sms"))

    def _webhook(self, text: Carried, path: str) -> None:
        form = FormData([
            ("MessageSid", text.sid), ("AccountSid", "AC" + "1" * 32), ("From", text.sender),
            ("To", text.to), ("Body", text.body), ("NumMedia", "0"),
        ])  # fmt: skip

        def work() -> None:
            try:
                answer = self.endpoints[path](form)
                ok = answer.status_code == 200
            except Unkept:
                ok = False
            self.world.note("webhook", text.sid[-3:], ok)
            if ok:
                self._wake()
                self._acknowledged(text)
                self._carry_answer(text, bytes(answer.body).decode())
            elif path == "/twilio/sms":
                self._webhook(text, "/twilio/sms/fallback")

        self._ask_web(work)

    def _ask_web(self, work: Callable[[], None]) -> None:
        web = self.world.chance.choice(self.webs)
        if self.world.is_down(web):
            self.world.weather.happened[Fault.WEB_DOWN] += 1
            return
        self.world.spawn(web, work)

    def _wake(self) -> None:
        """One of the workers looks soon at what was queued."""
        worker = self.world.chance.choice(self.workers)
        after = timedelta(milliseconds=self.world.chance.randint(1, 1000))

        def look() -> None:
            if not self.world.is_down(worker):
                self.world.spawn(worker, lambda: self._tick(worker))

        self.world.later(after, look)

    def _carry_answer(self, text: Carried, document: str) -> None:
        """What stands in the answer to a text is sent by the carrier at once."""
        with self.machine.database.reading() as session:
            known = session.scalar(select(Event.id).where(Event.carrier_id == text.sid))
        for words in ElementTree.fromstring(document).iter("Message"):
            self.history.answered.append((text.sender, words.text or ""))
            if known:
                self.history.answered_late.append((text.sender, words.text or ""))
            self.carrier.answer(text.sender, words.text or "")

    def _on_disk(self, text: Carried) -> bool:
        spool = self.machine.spool
        return any(
            ["MessageSid", text.sid] in spool.read(path)[0]["pairs"] for path in spool.waiting()
        )

    def _acknowledged(self, text: Carried) -> None:
        """Promise 1, at once: what was answered 200 is in the database."""
        self.history.acknowledged += 1
        with self.machine.database.reading() as session:
            event = session.scalar(select(Event).where(Event.carrier_id == text.sid))
            thread = thread_of(session, self.machine.database.keyring, text.sender)
        if event is None and self._on_disk(text):
            return
        if event is None:
            self.history.broken.append(f"acknowledged and not kept: {text.sid[-3:]}")
        elif event.state == EventState.HANDLED and thread is not None and text.body in STOPS:
            self.history.stopped.append((text, self.world.commits))
            came_back = any(
                start.sender == text.sender and start.sid > text.sid
                for start, _ in self.history.started
            )
            if thread.opted_out_at is None and not came_back:
                self.history.broken.append(f"an opt-out was not carried out: {text.sid[-3:]}")

    def _receipt(self, text: Carried, status: str, code: int | None) -> None:
        form = {"MessageSid": text.sid, "MessageStatus": status}
        if code:
            form["ErrorCode"] = str(code)

        def work() -> None:
            try:
                self.endpoints["/twilio/sms/status"](FormData(form), text.token)
            except Unkept:
                return
            text.heard_back.append(status)
            self._look_at_ranks()

        self._ask_web(work)

    def _look_at_ranks(self) -> None:
        """Receipts move a message only forward."""
        with self.machine.database.reading() as session:
            rows = session.execute(
                select(OutboundMessage.id, OutboundMessage.attempts, OutboundMessage.state)
            ).all()
        for row in rows:
            rank = RANKS[State(row.state)]
            attempts, before = self.ranks.get(row.id, (row.attempts, 0))
            again = row.state in (
                State.QUEUED,
                State.HELD,
            )  # it was not reached, and is tried later
            if attempts == row.attempts and rank < before and not again:
                self.history.broken.append(f"message {row.id} moved back to {row.state}")
            self.ranks[row.id] = (row.attempts, rank)

    def _next_round(self, worker: Process) -> None:
        """The worker's next tick: soon when something is due, else when something will be."""
        due = list(self.machine.look.due())
        if not self.machine.spool.is_empty():
            due.append(self.world.clock.moment)
        soonest = min((each for each in due if each), default=None)
        soon = timedelta(milliseconds=self.world.chance.randint(500, 5000))
        wait = soonest - self.world.clock.moment if soonest else timedelta(hours=3)
        longest = timedelta(minutes=12) if self.world.weather.calm else timedelta(hours=3)
        self.world.later(max(soon, min(wait, longest)), lambda: self._round(worker))

    def _round(self, worker: Process) -> None:
        if self.world.is_down(worker):
            self.world.later(timedelta(minutes=1), lambda: self._round(worker))
            return

        def work() -> None:
            try:
                self._tick(worker)
            finally:  # a process that died is started again
                self._next_round(worker)

        self.world.spawn(worker, work)

    def _tick(self, worker: Process) -> None:
        """Run the jobs whose time has come, as the timetable has it."""
        for job in self.jobs:
            seldom = None if self.world.weather.calm else SELDOM.get(job.name)
            key, now = (worker.name if seldom is None else "", job.name), self.world.time
            every = seldom or max(
                job.every, timedelta(minutes=10 if self.world.weather.calm else 0)
            )
            if now - self.ran.get(key, NEVER) < every:
                continue
            if not self.machine.look.finds(job.name, self.world.clock.moment):
                continue
            self.ran[key] = now
            try:
                job.run()
            except OperationalError:
                self.world.note("job failed", job.name)

    def _staff(self) -> None:
        """Somebody takes what is open and closes it; the program goes on."""
        database, now = self.machine.database, self.world.clock.moment
        database.world = None
        with database.transaction() as session:
            items = session.scalars(
                select(ReviewItem).where(ReviewItem.state == ReviewState.OPEN)
            ).all()
            for item in items:
                resolve.claim(session, [item.id], 1, now)
                cleared = resolve.close(
                    session, [item.id], staff_id=1, outcome=Outcome.HANDLED, note="", now=now
                )
                if cleared and item.thread_id:
                    release(
                        session, session.get_one(Thread, item.thread_id), self.machine.content, now
                    )
        database.world = self.world
