"""The clinic's other channels: what is told there, and the alarm when the worker stands still."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.channels import Channels
from service.clock import FixedClock
from service.errors import SettingsError
from service.house import House
from service.outbox.posts import tell_posts
from service.standstill import Watch
from service.worker import timetable
from tests.line import ANN, TestLine

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


class Chat:
    """A chat server that keeps what it is told; while `broken` it refuses."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.broken = False
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not chat.broken:
                    chat.told.append(json.loads(body))
                self.send_response(503 if chat.broken else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def chat() -> Iterator[Chat]:
    open_chat = Chat()
    yield open_chat
    open_chat.server.shutdown()


@pytest.fixture
def house(line: TestLine, chat: Chat) -> House:
    return replace(line.house, channels=Channels(chat.url))


def work(house: House) -> None:
    """Every job of the timetable, once."""
    for job in timetable(house):
        job.run()


@on_sqlite
def test_an_alert_is_told_without_health_data(line: TestLine, house: House, chat: Chat) -> None:
    line.post("/twilio/sms", line.form(ANN, "my foot went numb"))
    work(house)
    (told,) = chat.told
    assert told["title"] == "Riverbend PT: urgent waiting"
    assert "foot" not in told["message"]
    assert ANN[2:] not in told["message"]


@on_sqlite
def test_what_could_not_be_told_is_told_later(line: TestLine, house: House, chat: Chat) -> None:
    chat.broken = True
    line.post("/twilio/sms", line.form(ANN, "my foot went numb"))
    work(house)
    chat.broken = False
    line.clock.moment += timedelta(minutes=1)
    tell_posts(house.database, house.clock, house.channels.tell)
    tell_posts(house.database, house.clock, house.channels.tell)
    assert len(chat.told) == 1


def test_an_address_nobody_knows_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"the 2\. address"):
        Channels("json://127.0.0.1 carrier-pigeon://loft")


@on_sqlite
class TestStandstill:
    """One alarm an outage, told by whichever web process sees it first."""

    @pytest.fixture
    def wall(self, clock: FixedClock) -> FixedClock:
        return FixedClock(clock.moment)

    def test_a_worker_that_stops_is_told_of_once(
        self, line: TestLine, house: House, chat: Chat, wall: FixedClock
    ) -> None:
        line.work()
        first, second = Watch(house, wall), Watch(house, wall)
        for _ in range(8):
            wall.moment += timedelta(seconds=15)
            first.look()
            second.look()
        assert [told["title"] for told in chat.told] == ["Riverbend PT line: worker stopped"]

    def test_a_second_outage_is_told_of_again(
        self, line: TestLine, house: House, chat: Chat, wall: FixedClock
    ) -> None:
        watch = Watch(house, wall)
        for _ in range(2):
            line.clock.moment += timedelta(minutes=30)
            line.work()
            assert not watch.look()
            wall.moment += timedelta(minutes=2)
            assert watch.look()
        assert len(chat.told) == 2

    def test_a_worker_that_ticks_raises_no_alarm_though_the_clock_is_moved(
        self, line: TestLine, house: House, chat: Chat, wall: FixedClock
    ) -> None:
        watch = Watch(house, wall)
        for _ in range(10):
            line.clock.moment += timedelta(hours=5)
            wall.moment += timedelta(seconds=60)
            line.work()
            assert not watch.look()

    def test_an_alarm_that_nobody_took_is_raised_again(
        self, line: TestLine, house: House, chat: Chat, wall: FixedClock
    ) -> None:
        watch, chat.broken = Watch(house, wall), True
        wall.moment += timedelta(minutes=2)
        watch.look()
        chat.broken = False
        watch.look()
        assert len(chat.told) == 1
