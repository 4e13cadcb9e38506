"""PostgreSQL is stopped, or stands still, under the webhooks: nothing acknowledged is lost, nobody waits."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from service.conversation.models import InboundMessage
from tests.line import TestLine
from tests.postgres import Cluster

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)

TEXTS, PEOPLE = 80, 4
SLOWEST = 5.0  # seconds; a third of what the carrier waits


@pytest.fixture
def own_cluster(line: TestLine, cluster: Cluster) -> Iterator[Cluster]:
    """Whatever happens, it runs again for the tests that follow."""
    yield cluster
    try:
        cluster.thaw()
    except (ProcessLookupError, FileNotFoundError):
        cluster.start()


def post_all(line: TestLine) -> tuple[set[int], float]:
    """Texts of four people at once, each person's one after the other; the statuses, the slowest."""
    answers: list[tuple[int, float]] = []

    def texts_of(person: int) -> None:
        for number in range(person, TEXTS, PEOPLE):
            began = time.monotonic()
            form = line.form(f"+180455501{person:02d}", f"text {number}")
            answers.append((line.post("/twilio/sms", form), time.monotonic() - began))

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(texts_of, range(PEOPLE)))
    return {status for status, _ in answers}, max(seconds for _, seconds in answers)


def kept_in_order(line: TestLine) -> bool:
    """Every text once, each person's in the order in which they were acknowledged."""
    with line.house.database.reading() as session:
        bodies = session.scalars(select(InboundMessage.body).order_by(InboundMessage.id)).all()
    numbers = [int(body.removeprefix("text ")) for body in bodies]
    each = [[n for n in numbers if n % PEOPLE == person] for person in range(PEOPLE)]
    return sorted(numbers) == list(range(TEXTS)) and all(mine == sorted(mine) for mine in each)


@pytest.mark.parametrize(
    ("goes", "comes_back"),
    [(Cluster.stop, Cluster.start), (Cluster.freeze, Cluster.thaw)],
    ids=["stopped", "frozen"],
)
def test_every_text_is_acknowledged_in_time_and_taken_in_once_in_order(
    line: TestLine,
    own_cluster: Cluster,
    goes: Callable[[Cluster], None],
    comes_back: Callable[[Cluster], None],
) -> None:
    line.work()
    goes(own_cluster)
    statuses, slowest = post_all(line)
    line.house.doorstep.take_in()
    comes_back(own_cluster)
    while not line.house.doorstep.spool.is_empty():
        line.house.doorstep.take_in()
    assert statuses == {200}
    assert slowest < SLOWEST
    assert kept_in_order(line)
