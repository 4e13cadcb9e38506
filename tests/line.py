"""The service as the tests drive it: signed webhooks in, a recording carrier at the one edge."""

import itertools
import re
import tomllib
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path

from fastapi.dependencies import models as dependencies
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from service.app import create_app, create_webhooks
from service.clock import FixedClock
from service.config import ROOT, Settings
from service.content import Content
from service.drip.models import DueStep
from service.drip.rules import StepState
from service.house import House, Words, build, read_words
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.patients.find import thread_of
from service.patients.models import Thread
from service.review.models import ReviewItem
from service.triage.rules import Level
from service.worker import timetable
from tests.look import Look
from tests.recording_carrier import NoFiles, RecordingSender
from tests.visitor import Visitor

ANN = "+18045550142"  # a mobile in Virginia
LUZ = "+18045550177"  # writes Spanish
ROY = "+16025550133"  # Phoenix: no daylight-saving time
LINE = "+18045550100"
TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://line.example.org"
QUICK = timedelta(seconds=15)  # jobs that run so often run at every look of the worker


def make_settings(database_url: str, **more: str) -> Settings:
    """Settings as a clinic with a Twilio account has them."""
    values = {
        "DATABASE_URL": database_url,
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_MESSAGING_SERVICE_SID": "MG" + "1" * 32,
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "BACKTALK_LINE_NUMBER": LINE,
        "BACKTALK_PUBLIC_URL": PUBLIC_URL,
        "BACKTALK_SECRET_KEY": "a secret for tests, long enough to pass",
        "BACKTALK_DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "BACKTALK_SPOOL_DIR": _beside(database_url),
    } | more
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


@cache
def words_in(folder: Path) -> Words:
    """What a `messages/` holds, read once for all tests."""
    return read_words(folder)


def _beside(database_url: str) -> str:
    """A spool of its own for every database."""
    name, _, server = database_url.partition("?host=")
    return f"{server}/{Path(name).name}-spool" if server else ""


FIRST_DUE = select(
    *(
        select(func.min(moment)).where(which).scalar_subquery()
        for moment, which in (
            (DueStep.due_at, DueStep.state == StepState.SCHEDULED),
            (OutboundMessage.not_before, OutboundMessage.state == State.QUEUED),
            (OutboundMessage.lease_until, OutboundMessage.lease_until.is_not(None)),
        )
    )
)
"""The first moment at which the worker has something to do, of each kind."""


class TestLine:
    """One service under test. Texting it runs the worker too, so that replies have left."""

    __test__ = False

    def __init__(self, settings: Settings, clock: FixedClock) -> None:
        self.sender = RecordingSender()
        self.clock = clock
        built = build(settings, clock, words_in(settings.messages_dir))
        outbox = replace(built.outbox, sender=self.sender)
        self.use(replace(built, outbox=outbox, inbox=self.sender, files=NoFiles()))
        self._look = Look(built.database.engine.url)
        self._read: dict[str, int] = defaultdict(int)
        self._worked: dict[str, datetime] = {}
        self._sids = itertools.count(1)

    def use(self, house: House) -> None:
        """Serve a house with other parts."""
        self.house = house
        self.__dict__.pop("carrier", None)
        self.__dict__.pop("client", None)

    @cached_property
    def carrier(self) -> Visitor:
        """Who posts webhooks."""
        return Visitor(create_webhooks(self.house), raises=False)

    @cached_property
    def client(self) -> Visitor:
        """A visitor of the whole application, which takes a while to put together."""
        return Visitor(create_app(self.house), raises=False)

    def close(self) -> None:
        """Let go of the database."""
        self.house.database.close()
        self._look.close()
        for memo in vars(
            dependencies
        ).values():  # in which FastAPI keeps every application it has seen
            if hasattr(memo, "cache_clear"):
                memo.cache_clear()

    @property
    def content(self) -> Content:
        """What it says."""
        return self.house.content

    def post(self, path: str, form: dict[str, str], *, signature: str | None = None) -> int:
        """Post a webhook, rightly signed unless a signature is given; the HTTP status."""
        signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}{path}", form)
        headers = {"X-Twilio-Signature": signed if signature is None else signature}
        return int(self.carrier.post(path, data=form, headers=headers).status_code)

    def ask(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Post a rightly signed webhook; the status and the document that came back."""
        signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}{path}", form)
        answer = self.carrier.post(path, data=form, headers={"X-Twilio-Signature": signed})
        return answer.status_code, answer.text

    def form(self, sender: str, body: str, **more: str) -> dict[str, str]:
        """The form Twilio posts for an inbound text."""
        sid = f"SM{next(self._sids):032x}"
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self.house.settings.twilio_account_sid,
            "From": sender,
            "To": LINE,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "FromCountry": "US",
        } | more

    def text(self, sender: str, body: str, **more: str) -> list[str]:
        """Somebody texts the line; the texts that came back."""
        assert self.post("/twilio/sms", self.form(sender, body, **more)) == 200
        self.work()
        return self.new_texts(sender)

    def work(self) -> None:
        """Let the worker do a round: the quick jobs at every look, the slow ones when their time has come."""
        now = self.clock.now()
        for job in timetable(self.house):
            last = self._worked.get(job.name)
            if job.every <= QUICK or last is None or not last <= now < last + job.every:
                self._worked[job.name] = now
                if self._look.finds(job.name, now):
                    job.run()

    def wait(self, delta: timedelta) -> None:
        """Let time pass. The worker looks when something is due, ten minutes apart, and every eight hours."""
        end = self.clock.moment + delta
        while self.clock.moment < end:
            with self.house.database.reading() as session:
                due = [moment for moment in session.execute(FIRST_DUE).one() if moment]
            soonest, latest = (self.clock.moment + timedelta(minutes=m) for m in (10, 480))
            self.clock.moment = min(end, max(soonest, min([latest, *due])))
            self.work()

    def new_texts(self, number: str) -> list[str]:
        """The texts to a number since this was last asked."""
        texts = self.sender.to(number)
        new = texts[self._read[number] :]
        self._read[number] = len(texts)
        return new

    def keys(self, texts: list[str], language: str = "en") -> list[str]:
        """Which reply of replies.toml, or which tip, each text is."""
        return [self._key(text, language) for text in texts]

    def _key(self, text: str, language: str) -> str:
        program = self.content.program(language)
        for step in program.steps:
            if text == program.message(step):
                return f"tip:{step.id}"
            if text == step.more:
                return f"more:{step.id}"
        for key, entry in self.content.faq(language).items():
            if text == entry.answer:
                return f"faq:{key}"
        clinic = self.content.clinic
        for key, template in _templates(language).items():
            named = template.replace("{short_name}", clinic.short_name)
            parts = re.split(r"\{\w+\}", named)
            if re.fullmatch(".*".join(map(re.escape, parts)), text, re.S):
                return key
        return f"? {text}"

    def thread(self, number: str) -> Thread:
        """The thread of a number."""
        with self.house.database.reading() as session:
            found = thread_of(session, self.house.database.keyring, number)
        assert found is not None
        return found

    def items(self, number: str | None = None) -> list[ReviewItem]:
        """What stands in front of staff, for a number or in all."""
        wanted = select(ReviewItem).order_by(ReviewItem.id)
        if number is not None:
            wanted = wanted.where(ReviewItem.thread_id == self.thread(number).id)
        with self.house.database.reading() as session:
            return list(session.scalars(wanted))

    def levels(self, number: str) -> list[Level]:
        """The levels of what stands in front of staff for a number."""
        return [Level(item.level) for item in self.items(number)]


@cache
def _templates(language: str) -> dict[str, str]:
    """The replies as they stand in the file, with their placeholders."""
    file = ROOT / "messages" / language / "replies.toml"
    return {key: reply["text"] for key, reply in tomllib.loads(file.read_text()).items()}
