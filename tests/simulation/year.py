"""A year of the program, in one process and from one seed: real code, real database, nothing else real.

What happens is drawn by the seed; the same seed gives the same year. What may be sent is kept in a
model of its own, which knows nothing of the code under test.
"""

import hashlib
import heapq
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import update

from service.clock import FixedClock
from service.config import Settings
from service.conversation.heard import CarrierTook, Channel, Heard
from service.conversation.outcomes import end_silent_dialogs
from service.conversation.receive import receive
from service.drip import rest
from service.drip.tick import queue_due_steps, release_held_tips
from service.history import staff_actor
from service.house import build
from service.outbox.reconcile import reconcile
from service.outbox.send import send_due
from service.patients.find import thread_of
from service.patients.models import Thread
from service.review import queue, resolve
from service.review.rules import Outcome
from service.staff import accounts
from service.staff.rules import Role
from tests.line import words_in
from tests.look import Look
from tests.pure_answers import remember_pure_answers
from tests.simulation.carrier import Killed, MortalDatabase, Phones, Taken
from tests.simulation.people import BEGIN, YEAR, Mood, Person, people

GRID = timedelta(minutes=10)
OUTAGE = timedelta(hours=48)
RISK = 0.003

WORDS = {
    "en": {"tips": "TIPS", "more": "MORE", "pause": "PAUSE", "resume": "RESUME",
           "slower": "SLOWER", "evening": "EVENING", "thanks": "thank you",
           "flag": "my foot went numb", "report": "REPORT"},
    "es": {"tips": "CONSEJOS", "more": "DETALLES", "pause": "PAUSA", "resume": "SEGUIR",
           "slower": "MENOS", "evening": "TARDE", "thanks": "gracias",
           "flag": "se me durmió el pie", "report": "REPORTE"},
}  # fmt: skip


class Year:
    """One run."""

    def __init__(self, settings: Settings, seed: int, count: int) -> None:
        remember_pure_answers()
        self.seed, self.fate = seed, Random(seed)
        self.clock = FixedClock(BEGIN)
        self.phones = Phones(self.clock, self.fate)
        self.phones.on_text, self.phones.rival = self._arrived, self._rival
        built = build(settings, self.clock, words_in(settings.messages_dir))
        built.database.close()
        self.database = MortalDatabase(settings.sqlalchemy_url, built.database.keyring)
        self.look = Look(self.database.engine.url)
        self.outbox = replace(built.outbox, database=self.database, sender=self.phones)
        self.drip = replace(built.drip, database=self.database)
        self.talk = replace(built.conversation, database=self.database)
        self.content = built.content
        self.steps = {
            self.content.program(language).message(step): step.id
            for language in WORDS
            for step in self.content.program(language).steps
        }
        self.still_there = {self.content.reply("still_there", each) for each in WORDS}
        self.people = {each.number: each for each in people(self.fate, count)}
        self.outage = BEGIN + timedelta(days=self.fate.uniform(60, 200))
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order, self._sids = itertools.count(), itertools.count(1)
        self._racing = False
        self.deaths = 0
        self._slow_jobs = BEGIN

    def run(self) -> None:
        """Live through the year."""
        with self.database.transaction() as session:
            self.staff_id = accounts.add(
                session, self.database.keyring, name="Sam", email="s@clinic.example",
                role=Role.CLINICIAN, now=BEGIN,
            ).id  # fmt: skip
        self.database.fate, self.database.risk = self.fate, RISK
        for person in self.people.values():
            self.at(person.enrolls, partial(self._enrolls, person))
        while (moment := self._next()) is not None and moment < BEGIN + YEAR:
            self.clock.moment = max(moment, self.clock.moment)
            self._act()
            self._surviving(self._work)

    def trace(self) -> str:
        """A fingerprint of everything that was sent."""
        told = [f"{each.at.isoformat()} {each.to} {each.body}" for each in self.phones.taken]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def at(self, moment: datetime, deed: Callable[[], None]) -> None:
        """Put something on the agenda; what falls into the outage comes after it."""
        if self.outage <= moment < self.outage + OUTAGE:
            moment = self.outage + OUTAGE
        heapq.heappush(self._agenda, (moment, next(self._order), deed))

    def _next(self) -> datetime | None:
        moments = [_up(moment) for moment in self.look.due()]
        moments += [self._agenda[0][0]] if self._agenda else []
        if not moments:
            return None
        moment = max(min(moments), self.clock.moment)
        if moment == self.clock.moment and not self._due_now():
            moment = _up(self.clock.moment + timedelta(seconds=1))
        if self.outage <= moment < self.outage + OUTAGE:
            return self.outage + OUTAGE
        return moment

    def _due_now(self) -> bool:
        return bool(self._agenda and self._agenda[0][0] <= self.clock.moment)

    def _act(self) -> None:
        while self._due_now():
            heapq.heappop(self._agenda)[2]()

    def _surviving(self, deed: Callable[[], object]) -> None:
        """Do it; a process that dies is started again and takes up what it finds."""
        for _ in range(50):
            try:
                deed()
            except Killed:
                self.deaths += 1
            else:
                return
        raise AssertionError("it dies every time")

    def _work(self) -> None:
        self._if_due("queue due tips", lambda: queue_due_steps(self.drip))
        self._if_due("send what is due", lambda: send_due(self.outbox))
        if self._sometimes():
            self._if_due("settle what is in doubt", lambda: reconcile(self.outbox))
            self._if_due("re-time late tips", lambda: release_held_tips(self.drip))
            self._if_due("end silent dialogs", lambda: end_silent_dialogs(self.talk))

    def _if_due(self, job: str, work: Callable[[], object]) -> None:
        """An idle tick finds no bugs, and a year has many."""
        if self.look.finds(job, self.clock.moment):
            work()

    def _sometimes(self) -> bool:
        """Whether the slower jobs are due: once an hour is enough for them here."""
        due = self.clock.moment >= self._slow_jobs
        if due:
            self._slow_jobs = self.clock.moment + timedelta(hours=1)
        return due

    def _rival(self) -> None:
        """Another worker does its round while this one is calling the carrier."""
        if self._racing:
            return
        self._racing = True
        try:
            queue_due_steps(self.drip)
            send_due(self.outbox)
        finally:
            self._racing = False

    # what people do

    def _says(self, person: Person, body: str, took: CarrierTook | None = None) -> None:
        sid = f"SM{next(self._sids):032x}"
        heard = Heard(sid, Channel.SMS, person.number, body, 0, took, (("From", person.number),))
        self._surviving(lambda: receive(self.talk, heard))

    def _word(self, person: Person, key: str) -> None:
        self._says(person, WORDS[person.language][key])

    def _enrolls(self, person: Person) -> None:
        self._word(person, "tips")
        if len(person.zones) > 1:
            self._surviving(lambda: self._moves(person))
        self._says(person, "1")

    def _moves(self, person: Person) -> None:
        with self.database.transaction() as session:
            thread = thread_of(session, self.database.keyring, person.number)
            assert thread is not None
            moved = update(Thread).where(Thread.id == thread.id)
            session.execute(moved.values(address_zone=person.zones[1].key))

    def _arrived(self, taken: Taken) -> None:
        person = self.people[taken.to]
        now = self.clock.now()
        if taken.body in self.still_there:
            person.turn(now, on=Mood.RESTING)
            if self.fate.random() < 0.5:
                later = now + timedelta(days=3, minutes=7)
                self.at(later, lambda: self._resumes(person, Mood.RESTING))
        if (step := self.steps.get(taken.body)) is None:
            return
        person.tips.append((now, step))
        if not person.silent and self.fate.random() < 0.5:
            delay = timedelta(minutes=self.fate.expovariate(1 / 200))
            self.at(now + delay, lambda: self._answers(person))

    def _answers(self, person: Person) -> None:
        drawn, now = self.fate.random(), self.clock.now()
        if Mood.OPTED_OUT in person.moods:
            return
        if drawn < 0.03:
            self._opts_out(person)
        elif drawn < 0.06:
            self._word(person, "flag")
            person.turn(now, on=Mood.FLAGGED)
            self.at(now + timedelta(hours=self.fate.uniform(0.1, 90)), lambda: self._rung(person))
        elif drawn < 0.09:
            self._word(person, "pause")
            person.turn(now, on=Mood.PAUSED)
            wait = timedelta(days=self.fate.uniform(0, 20))
            self.at(now + wait, lambda: self._resumes(person, Mood.PAUSED))
        elif drawn < 0.11:
            self._word(person, "slower")
        elif drawn < 0.13:
            self._word(person, "evening")
        elif drawn < 0.16:
            self._word(person, "report")
        elif drawn < 0.3:
            self._word(person, self.fate.choice(["more", "thanks"]))
        else:
            self._says(person, "1")

    def _opts_out(self, person: Person) -> None:
        by_carrier = self.fate.random() < 0.7
        body = "STOP" if by_carrier else "please stop texting me"
        self._says(person, body, CarrierTook.STOP if by_carrier else None)
        person.turn(self.clock.now(), on=Mood.OPTED_OUT)
        if self.fate.random() < 0.5:
            back = timedelta(days=self.fate.uniform(0, 15))
            self.at(self.clock.now() + back, lambda: self._comes_back(person))

    def _comes_back(self, person: Person) -> None:
        person.turn(self.clock.now(), off=Mood.OPTED_OUT)
        self._says(person, "START", CarrierTook.START)
        if Mood.FLAGGED not in person.moods:
            person.turn(self.clock.now(), off=Mood.PAUSED)
            person.turn(self.clock.now(), off=Mood.RESTING)

    def _resumes(self, person: Person, mood: Mood) -> None:
        if Mood.OPTED_OUT in person.moods or mood not in person.moods:
            return
        person.turn(self.clock.now(), off=mood)
        self._word(person, "resume")

    def _rung(self, person: Person) -> None:
        """A clinician takes the flag, rings, closes it; and lets the tips go on, or not."""
        go_on, now = self.fate.random() < 0.7, self.clock.now()
        self._surviving(lambda: self._close(person, now))
        if go_on:
            person.turn(now, off=Mood.FLAGGED)
            self._surviving(lambda: self._go_on(person, now))

    def _close(self, person: Person, now: datetime) -> None:
        with self.database.transaction() as session:
            thread = thread_of(session, self.database.keyring, person.number)
            assert thread is not None
            items = [item.id for item in queue.open_items(session, thread.id)]
            if items:
                resolve.claim(session, items, self.staff_id, now)
                resolve.close(session, items, staff_id=self.staff_id,
                              outcome=Outcome.REACHED_ADVISED, note="", now=now)  # fmt: skip

    def _go_on(self, person: Person, now: datetime) -> None:
        with self.database.transaction() as session:
            thread = thread_of(session, self.database.keyring, person.number)
            assert thread is not None
            rest.resume(session, thread, self.content, now, staff=staff_actor(self.staff_id))


def _up(moment: datetime) -> datetime:
    """The next look of the worker at or after `moment`."""
    over = timedelta(
        minutes=moment.minute % 10, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment if not over else moment - over + GRID
