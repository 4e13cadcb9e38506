"""The parts, put together once: what the web application, the worker and the commands are made of."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from service.channels import Channels
from service.clock import Clock, MovableClock, SystemClock
from service.config import Settings
from service.content import Content, load
from service.conversation.line_types import LineTypes
from service.conversation.missed import Inbox
from service.conversation.outcomes import report_trouble
from service.conversation.receive import Conversation
from service.conversation.recordings import Files
from service.conversation.talking import quiet_until
from service.db import Database
from service.drip.tick import Drip
from service.line.alarm import Alarm
from service.line.client import TwilioSender
from service.line.doorstep import Doorstep
from service.line.lookup import TwilioLookup
from service.line.recordings import TwilioRecordings
from service.line.signature import Gate
from service.outbox.rules import Limits
from service.outbox.send import Outbox
from service.patients.rules import PermittedHours
from service.simulator.carrier import SIMULATED_ACCOUNT, Carrier
from service.spool import Spool
from service.triage.lexicon import Lexicon, compile_lexicon


class Wake:
    """Lets whoever queued something wake the worker in the same process, if there is one."""

    def __init__(self) -> None:
        self._waker: Callable[[], None] | None = None

    def __call__(self) -> None:
        """Wake the worker; where it is another process, it notices within a second."""
        if self._waker is not None:
            self._waker()

    def by(self, waker: Callable[[], None]) -> None:
        """Say how the worker is woken."""
        self._waker = waker


@dataclass(frozen=True)
class House:
    """Everything one process works with."""

    settings: Settings
    clock: Clock
    database: Database
    content: Content
    lexicon: Lexicon
    conversation: Conversation
    outbox: Outbox
    inbox: Inbox
    drip: Drip
    gate: Gate
    spool: Spool
    files: Files
    line_types: LineTypes
    wake: Wake
    channels: Channels
    carrier: Carrier | None  # simulated; None with a real account

    @cached_property
    def doorstep(self) -> Doorstep:
        """Where webhooks come in."""
        alarm = Alarm(self.conversation, self.outbox.sender, self.channels)
        return Doorstep(self.conversation, self.outbox, self.inbox, self.spool, alarm)


@dataclass(frozen=True, slots=True)
class Words:
    """What `messages/` holds, read and made ready: the slow part of a start."""

    content: Content
    lexicon: Lexicon


def read_words(folder: Path) -> Words:
    """Read `messages/`; ContentError says what is wrong and where."""
    content = load(folder)
    return Words(content, compile_lexicon(content.red_flags))


def build(settings: Settings, base: Clock | None = None, words: Words | None = None) -> House:
    """Put the parts together. SettingsError or ContentError says what is wrong and where.

    `words` that were read before are shared rather than read again.
    """
    clock = base or SystemClock()
    database = Database.of(settings)
    words = words or read_words(settings.messages_dir)
    content, lexicon = words.content, words.lexicon
    limits, wake = limits_of(content), Wake()
    account_sid, auth_token = settings.twilio_account_sid, settings.twilio_auth_token
    carrier = None
    if settings.simulated:
        clock = MovableClock(clock)
        carrier = _simulated_carrier(settings, database.keyring.derive("simulated carrier"), clock)
        account_sid, auth_token = carrier.account_sid, carrier.auth_token
    twilio = TwilioSender(settings, account_sid, auth_token)
    conversation = Conversation(
        database, content, lexicon, limits, clock, settings.public_url, wake
    )
    outbox = Outbox(database, twilio, limits, clock, report_trouble(content))
    return House(
        settings=settings,
        clock=clock,
        database=database,
        content=content,
        lexicon=lexicon,
        conversation=conversation,
        outbox=outbox,
        inbox=twilio,
        drip=Drip(database, content, limits, clock, quiet_until),
        files=TwilioRecordings(settings, account_sid, auth_token),
        line_types=TwilioLookup(settings, account_sid, auth_token),
        gate=Gate(auth_token, settings.public_url),
        spool=Spool(settings.spool_folder, database.keyring),
        wake=wake,
        channels=Channels(settings.alert_urls),
        carrier=carrier,
    )


def start_logging(level: str) -> None:
    """Our own log at `level`; the libraries' only from WARNING on: some name numbers or addresses."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for library in ("alembic", "httpx", "twilio", "urllib3", "uvicorn.error"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick skipped is no news


def open_house(settings: Settings) -> House:
    """The parts of the service, its log started; what every command begins with."""
    start_logging(settings.log_level.upper())
    return build(settings)


def limits_of(content: Content) -> Limits:
    """The clinic's sending limits, from clinic.toml."""
    clinic = content.clinic
    hours = clinic.permitted_hours
    return Limits(
        hours=PermittedHours(hours.start, hours.end, hours.sunday_start),
        per_day=clinic.program.max_per_day,
        per_week=clinic.program.max_per_week,
        safety_after_opt_out=clinic.alerts.safety_after_opt_out,
        call_attempts=clinic.calls.tip_attempts,
        call_retry=timedelta(hours=clinic.calls.tip_retry_hours),
        sender_per_minute=clinic.sender.texts_per_minute,
        sender_per_day=clinic.sender.texts_per_day,
    )


def _simulated_carrier(settings: Settings, key: bytes, clock: Clock) -> Carrier:
    return Carrier(
        SIMULATED_ACCOUNT,
        key.hex(),
        settings.line_number,
        settings.public_url,
        clock,
        ring_seconds=25,
    )
