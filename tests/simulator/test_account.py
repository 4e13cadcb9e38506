"""What `backtalk doctor` asks of the account, and how it says to mend what is wrong."""

from service.config import Settings
from service.line.account import Check, check_account
from service.simulator.carrier import SIMULATED_ACCOUNT
from tests.simulator.world import HELEN, LINE, TOKEN, World


def checks(here: World, **more: str) -> list[Check]:
    wanted = {
        "TWILIO_ACCOUNT_SID": SIMULATED_ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": here.url,
        "BACKTALK_LINE_NUMBER": LINE,
        "BACKTALK_PUBLIC_URL": here.url,
    } | more
    return list(check_account(Settings(_env_file=None, **wanted)))  # type: ignore[arg-type]


def wrong(here: World, **more: str) -> list[str]:
    return [check.what for check in checks(here, **more) if not check.well]


def test_a_number_that_points_at_the_line_is_well(here: World) -> None:
    assert wrong(here) == ["messaging service"]


def test_every_webhook_that_points_elsewhere_is_named(here: World) -> None:
    elsewhere = wrong(here, BACKTALK_PUBLIC_URL="https://line.example.org")
    for webhook in ("message webhook", "message fallback", "voice webhook", "call status callback"):
        assert f"number's {webhook}" in elsewhere
    told = next(
        check
        for check in checks(here, BACKTALK_PUBLIC_URL="https://line.example.org")
        if check.what == "number's voice webhook"
    )
    assert told.mend.startswith("set it to https://line.example.org/twilio/voice#")


def test_a_wrong_token_and_a_number_of_somebody_else_are_named(here: World) -> None:
    assert wrong(here, TWILIO_AUTH_TOKEN="wrong") == ["Twilio account (HTTP 401)"]
    assert "line number" in wrong(here, BACKTALK_LINE_NUMBER=HELEN)


def test_a_messaging_service_that_does_not_exist_is_named(here: World) -> None:
    assert "messaging service" in wrong(here, TWILIO_MESSAGING_SERVICE_SID="MG" + "1" * 32)
