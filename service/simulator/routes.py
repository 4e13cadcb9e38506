"""The simulated carrier as the web application mounts it: the REST API and the phone page."""

from collections.abc import Callable

from fastapi import APIRouter

from service.clock import MovableClock
from service.simulator.carrier import Carrier
from service.simulator.page import NextDue, create_page
from service.simulator.rest import create_rest


def create_simulator(
    carrier: Carrier,
    clock: MovableClock,
    next_due: NextDue,
    *,
    clinic_name: str = "The clinic",
    moved: Callable[[], None] = lambda: None,
) -> APIRouter:
    """Routes for a line without a real account; mount them only then.

    `next_due` says when the schedule has something to do next (UTC), or None. `moved` is called after the
    clock was moved, in a worker thread, so that the schedule need not wait for its next tick.
    """
    router = APIRouter()
    router.include_router(create_rest(carrier))
    router.include_router(create_page(carrier, clock, next_due, clinic_name, moved))
    return router
