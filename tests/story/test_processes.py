"""As in production: two web processes and a worker on PostgreSQL, a carrier on the other side."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from service.clock import MovableClock, SystemClock
from service.conversation.models import InboundMessage
from service.db import Database
from service.outbox.models import OutboundMessage
from service.outbox.rules import State
from service.review.models import ReviewItem
from service.simulator.carrier import Carrier
from service.simulator.routes import create_simulator
from tests.line import ANN, LINE, ROY, TOKEN, make_settings
from tests.postgres import Cluster
from tests.story.processes import HTTP, environment, free_port, running, wait_until

SID = "AC" + "0" * 31 + "9"


@dataclass(frozen=True)
class Town:
    """A carrier and the product's processes."""

    carrier: Carrier
    webs: list[str]
    database: Database

    def said(self, number: str) -> list[str]:
        """The texts that reached a phone."""
        sent = self.carrier.ledger.messages.values()
        return [each.body for each in sent if each.to == number]

    def wait_for(self, number: str, count: int) -> list[str]:
        """The texts on a phone, once there are so many."""
        end = time.monotonic() + 20
        while len(self.said(number)) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.said(number)


@pytest.fixture(scope="module")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    settings = make_settings(
        cluster.create("town", "template_backtalk"), BACKTALK_SPOOL_DIR=str(folder / "spool")
    )
    database = Database.of(settings)
    ports = [free_port() for _ in range(3)]
    webs = [f"http://127.0.0.1:{port}" for port in ports[:2]]
    carrier = Carrier(SID, TOKEN, LINE, webs[0], SystemClock())
    server = _serve_carrier(carrier, ports[2])
    real = settings.model_copy(
        update={
            "twilio_account_sid": SID,
            "twilio_messaging_service_sid": "",
            "twilio_api_url": f"http://127.0.0.1:{ports[2]}",
            "public_url": webs[0],
        }
    )
    with ExitStack() as stack:
        for number, port in enumerate(ports[:2]):
            env = environment(real, PORT=str(port))
            stack.enter_context(running("web", env, folder / f"web{number}.log"))
        stack.enter_context(running("worker", environment(real), folder / "worker.log"))
        for web in webs:
            wait_until("the web process does not answer", f"{web}/healthz")
            wait_until("the worker does not tick", f"{web}/readyz")
        yield Town(carrier, webs, database)
        server.should_exit = True
    database.close()


def _serve_carrier(carrier: Carrier, port: int) -> uvicorn.Server:
    app = FastAPI()
    app.include_router(create_simulator(carrier, MovableClock(SystemClock()), lambda: None))
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    return server


def test_the_story_works_by_webhooks_alone(town: Town) -> None:
    for count, words in enumerate(["REPORT", "LINK", "my foot went numb"], 1):
        town.carrier.text_line(ANN, words)
        assert len(town.wait_for(ANN, count)) == count
    with town.database.reading() as session:
        items = session.scalars(select(ReviewItem)).all()
    assert [item.level for item in items] == ["urgent"]
    end = time.monotonic() + 10
    while time.monotonic() < end and not _all_delivered(town):
        time.sleep(0.1)
    assert _all_delivered(town)


def test_the_same_text_at_twenty_doors_at_once_is_one_message_and_one_reply(town: Town) -> None:
    form = {
        "MessageSid": "SM" + "5" * 32,
        "AccountSid": SID,
        "From": ROY,
        "To": LINE,
        "Body": "HELP",
    }
    signed = RequestValidator(TOKEN).compute_signature(f"{town.webs[0]}/twilio/sms", form)
    headers = {"X-Twilio-Signature": signed}

    def post(number: int) -> int:
        return HTTP.post(
            f"{town.webs[number % 2]}/twilio/sms", data=form, headers=headers, timeout=30
        ).status_code

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(post, range(20))) == [200] * 20
    assert len(town.wait_for(ROY, 1)) == 1
    time.sleep(2)
    assert len(town.said(ROY)) == 1
    with town.database.reading() as session:
        bodies = session.scalars(select(InboundMessage.body)).all()
    assert bodies.count("HELP") == 1


def test_a_wrong_signature_gets_403(town: Town) -> None:
    answer = HTTP.post(
        f"{town.webs[1]}/twilio/sms", data={"From": ANN}, headers={"X-Twilio-Signature": "x"}
    )
    assert answer.status_code == 403


def _all_delivered(town: Town) -> bool:
    with town.database.reading() as session:
        states = session.scalars(select(OutboundMessage.state)).all()
    return set(states) == {State.DELIVERED}
