"""Real faults on real processes. `python -m tests.faults.real sqlite|postgresql [--seconds N]`.

The product's own processes serve texts of as many people as there is time for, each of whom is owed one
answer. Meanwhile processes are killed (-9) at random moments, PostgreSQL is stopped and frozen, the carrier
cannot be reached, and the disk takes nothing. Then all is left alone, and what was acknowledged, kept, due
and sent is counted. It exits 1 when they do not agree.
"""

import argparse
import random
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from service.clock import MovableClock, SystemClock
from service.config import ROOT, Settings
from service.conversation.models import Event, InboundMessage
from service.db import Database
from service.migrate import migrate
from service.outbox.models import OutboundMessage
from service.outbox.rules import UNSETTLED, State
from service.simulator.carrier import Carrier
from service.simulator.routes import create_simulator
from service.simulator.webhooks import Post, Unreachable, over_http, send
from tests.line import LINE, TOKEN, make_settings
from tests.postgres import Cluster
from tests.story.processes import BACKTALK, environment, free_port

SID = "AC" + "0" * 31 + "9"
PEOPLE = 2  # text at the same time


@dataclass
class Process:
    """One of the product's processes, started again whenever it is killed."""

    command: str
    env: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0
    died: list[int] = field(default_factory=list)  # exit codes of when it ended by itself

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                [*BACKTALK, self.command], env=self.env, stdout=output, stderr=output, cwd=ROOT
            )

    def revive(self) -> None:
        """Start it again if it ended by itself, as whatever keeps it running does in production."""
        if self.running and (code := self.running.poll()) is not None:
            self.died.append(code)
            self.start()

    def kill(self) -> None:
        """Kill it where it stands, and start it again."""
        self.stop()
        self.kills += 1
        self.start()

    def stop(self) -> None:
        """Kill it."""
        assert self.running
        self.running.kill()
        self.running.wait()


@dataclass
class Seen:
    """What the carrier heard of its webhooks."""

    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    slowest: float = 0.0


class Town:
    """The processes, the carrier, the database, and the people who text."""

    def __init__(self, kind: str, folder: Path, chance: random.Random) -> None:
        self.chance, self.seen, self.faults = chance, Seen(), Counter[str]()
        self.cluster = Cluster() if kind == "postgresql" else None
        url = self.cluster.create("real") if self.cluster else f"sqlite:///{folder}/real.sqlite3"
        ports = [free_port() for _ in range(3 if self.cluster else 2)]
        self.api = ports.pop()
        self.webs = [f"http://127.0.0.1:{port}" for port in ports]
        self.settings = self._settings(url)
        self.carrier = Carrier(SID, TOKEN, LINE, self.webs[0], SystemClock())
        self.post = over_http(httpx.Client(timeout=httpx.Timeout(15, connect=5), trust_env=False))
        self.server: uvicorn.Server | None = None
        commands = ["web"] * len(ports) + ["worker"] if self.cluster else ["run"]
        self.processes = [
            Process(
                name,
                environment(self.settings, PORT=str(port)),
                folder / f"{name}{number}.log",
            )
            for number, (name, port) in enumerate(zip(commands, [*ports, 1], strict=False))
        ]
        self.database = Database.of(self.settings)
        migrate(self.database)

    def _settings(self, url: str) -> Settings:
        return make_settings(
            url,
            TWILIO_ACCOUNT_SID=SID,
            TWILIO_MESSAGING_SERVICE_SID="",
            TWILIO_API_URL=f"http://127.0.0.1:{self.api}",
            BACKTALK_PUBLIC_URL=self.webs[0],
        )

    def open_carrier(self) -> None:
        """Let the carrier's API be reachable."""
        app = FastAPI()
        app.include_router(
            create_simulator(self.carrier, MovableClock(SystemClock()), lambda: None)
        )
        config = uvicorn.Config(app, port=self.api, log_level="critical", access_log=False)
        self.server = uvicorn.Server(config)
        self.serving = threading.Thread(target=self.server.run, daemon=True)
        self.serving.start()

    def close_carrier(self) -> None:
        """Let nobody reach it."""
        assert self.server
        self.server.should_exit = self.server.force_exit = True
        self.serving.join()

    def text(self, number: int) -> None:
        """Somebody new texts HELP; the carrier tries the first address, then the fallback, and no more."""
        sender = f"+1540{5550000 + number}"  # none of the simulated carrier's own phones
        with self.carrier.ledger.change():
            message = self.carrier._keep_inbound(sender, "HELP", False)
        form = {
            "MessageSid": message.sid, "AccountSid": SID, "From": sender, "To": LINE, "Body": "HELP",
            "NumMedia": "0",
        }  # fmt: skip
        for path in ("/twilio/sms", "/twilio/sms/fallback"):
            began = time.monotonic()
            url = f"{self.webs[0]}{path}"
            door = f"{self.chance.choice(self.webs)}{path}"
            try:
                answer = send(self._through(door), TOKEN, url, form)
            except Unreachable:
                self.seen.unanswered += 1
                time.sleep(0.2)
                continue
            self.seen.slowest = max(self.seen.slowest, time.monotonic() - began)
            if answer.status == 200:
                self.seen.acknowledged.append(message.sid)
                return
            self.seen.refused += 1

    def _through(self, door: str) -> Post:
        """Signed for the public address, posted to one of the web processes behind it."""
        return lambda _url, form, headers: self.post(door, form, headers)

    def fill_disk(self) -> None:
        """No process can write to any file for a while."""
        limit = (0, resource.RLIM_INFINITY)
        for process in self.processes:
            if process.running:
                with suppress(ProcessLookupError):
                    resource.prlimit(process.running.pid, resource.RLIMIT_FSIZE, limit)

    def free_disk(self) -> None:
        """They can again."""
        limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        for process in self.processes:
            if process.running:
                with suppress(ProcessLookupError):
                    resource.prlimit(process.running.pid, resource.RLIMIT_FSIZE, limit)

    def troubles(self) -> list[tuple[str, Callable[[], object], Callable[[], object]]]:
        """What goes wrong, beside the killing: its name, how it begins and how it ends."""
        found: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
            ("carrier unreachable", self.close_carrier, self.open_carrier),
            ("disk takes nothing", self.fill_disk, self.free_disk),
        ]
        if self.cluster:
            found += [
                ("PostgreSQL stopped", self.cluster.stop, self.cluster.start),
                ("PostgreSQL frozen", self.cluster.freeze, self.cluster.thaw),
            ]
        return found


def live(town: Town, seconds: float) -> None:
    """Load and faults together, then rest."""
    numbers, over = iter(range(1, 10_000)), threading.Event()

    def person(_: int) -> None:
        while not over.is_set():
            town.text(next(numbers))
            time.sleep(0.1)

    def trouble() -> None:
        while not over.is_set():
            for name, begin, end in town.troubles():
                begin()
                town.faults[name] += 1
                over.wait(town.chance.uniform(4, 10))
                end()
                over.wait(3)

    def killer() -> None:
        while not over.wait(town.chance.uniform(1, 5)):
            town.chance.choice(town.processes).kill()
            until_alive(town, over)

    with ThreadPoolExecutor(PEOPLE) as people:
        others = [threading.Thread(target=each) for each in (trouble, killer)]
        for thread in others:
            thread.start()
        done = [people.submit(person, each) for each in range(PEOPLE)]
        time.sleep(seconds)
        over.set()
        for each in done:
            each.result()
    for thread in others:
        thread.join()


def until_alive(town: Town, over: threading.Event) -> None:
    """Wait until every web process answers again: one that never lives proves nothing."""
    for web in town.webs:
        while not over.is_set():
            for process in town.processes:
                process.revive()
            with suppress(httpx.TransportError):
                httpx.get(f"{web}/healthz", timeout=2, trust_env=False)
                break
            time.sleep(0.1)


def come_to_rest(town: Town) -> float:
    """How many seconds until every text is kept and no answer is open, without a hand (at most 600).

    Five minutes are between two looks at the carrier's list, and what it brings leaves sixty a minute.
    """
    began = time.monotonic()
    while time.monotonic() - began < 600:
        for process in town.processes:
            process.revive()
        if not missing(town) and not unsettled(town):
            break
        time.sleep(1)
    return time.monotonic() - began


def missing(town: Town) -> list[str]:
    """The texts to the line that are not in its database."""
    try:
        with town.database.reading() as session:
            known = set(
                session.scalars(
                    select(Event.carrier_id).join(
                        InboundMessage, InboundMessage.event_id == Event.id
                    )
                )
            )
    except SQLAlchemyError:
        known = set()
    messages = list(town.carrier.ledger.messages.values())
    return [each.sid for each in messages if each.direction == "inbound" and each.sid not in known]


def unsettled(town: Town) -> bool:
    """Whether an answer has not left yet, or is still in doubt."""
    with town.database.reading() as session:
        open_ones = OutboundMessage.state.in_(UNSETTLED)
        return session.scalars(select(OutboundMessage.id).where(open_ones)).first() is not None


def unanswered(town: Town) -> set[str]:
    """Who is still owed an answer."""
    messages = list(town.carrier.ledger.messages.values())
    return {m.sender for m in messages if m.direction == "inbound"} - {m.to for m in messages}


def states_of(town: Town, number: str) -> list[str]:
    """What became of the answers to somebody."""
    with town.database.reading() as session:
        answers = session.scalars(select(OutboundMessage).order_by(OutboundMessage.id))
        return [
            f"{each.state} ({each.reason or each.error_code}, {each.attempts} tries)"
            for each in answers
            if each.to == number
        ]


def report(town: Town, rested: float) -> bool:
    """Print the figures; whether they agree."""
    messages = list(town.carrier.ledger.messages.values())
    copies = Counter(each.to for each in messages if each.direction != "inbound")
    lost, seen = missing(town), town.seen
    gone = set(seen.acknowledged) & set(lost)
    owed = unanswered(town)
    kills = sum(each.kills for each in town.processes)
    print(f"faults: kill -9 {kills} times, {dict(town.faults)}")
    died = [code for each in town.processes for code in each.died]
    print(f"processes that ended by themselves: {len(died)} {died or ''}")
    inbound = sum(each.direction == "inbound" for each in messages)
    print(
        f"texts: {inbound}; acknowledged {len(seen.acknowledged)}, refused {seen.refused},", end=""
    )
    print(f" unanswered {seen.unanswered}; slowest answer {seen.slowest:.2f} s")
    print(f"kept: {inbound - len(lost)}; acknowledged and lost: {len(gone)}")
    duplicates = sum(count - 1 for count in copies.values() if count > 1)
    with town.database.reading() as session:
        lost_ones = OutboundMessage.state == State.LOST
        shown = len(session.scalars(select(OutboundMessage.id).where(lost_ones)).all())
    print(f"answers due {inbound}, sent {sum(copies.values())}, duplicates {duplicates},", end="")
    print(f" in doubt, shown to staff and never repeated {shown}")
    for number in owed:
        print(f"no answer to {number[-4:]}: {', '.join(states_of(town, number)) or 'none due'}")
    print(f"at rest after {rested:.0f} s")
    return not gone and not lost and not duplicates and len(owed) <= shown


def main() -> int:
    """Run it; 1 when the figures do not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", choices=("sqlite", "postgresql"))
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(1)))
    with tempfile.TemporaryDirectory(prefix="backtalk-real-") as folder:
        town = Town(asked.database, Path(folder), random.Random(asked.seed))
        town.open_carrier()
        for process in town.processes:
            process.start()
        until_alive(town, threading.Event())
        try:
            live(town, asked.seconds)
            return 0 if report(town, come_to_rest(town)) else 1
        finally:
            for process in town.processes:
                process.stop()
            town.database.close()
            if town.cluster:
                town.cluster.remove()


if __name__ == "__main__":
    raise SystemExit(main())
