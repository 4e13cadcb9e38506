"""Texts to the line, receipts from the carrier, and the words it acts on by itself."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from service.clock import SystemClock
from service.simulator.carrier import SIMULATED_ACCOUNT, Carrier
from service.simulator.faults import Faults
from service.simulator.refused import Refused
from service.simulator.webhooks import Answer, Form, signature
from tests.simulator.world import (
    HELEN,
    HTTP,
    LINE,
    POST,
    SERVICE,
    TOKEN,
    WALTER,
    World,
    refusal,
)


def status_url(here: World) -> str:
    return f"{here.url}/twilio/sms/status?o=42&kind=tip#rc=2"


def thread(here: World, number: str) -> list[str]:
    ledger = here.carrier.ledger
    return [m.body for m in ledger.messages.values() if number in (m.sender, m.to)]


def test_the_signature_is_the_one_twilio_documents() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signature("12345", url + "#rc=3", form) == signature("12345", url, form)


def test_a_text_reaches_the_line_as_a_signed_form_with_all_that_twilio_sends(here: World) -> None:
    sent = here.carrier.text_line(HELEN, "my foot went numb ☂ & ¿qué?\nnow")
    here.later.wait()
    (hook,) = here.line.at("/twilio/sms")
    assert hook.signed
    form = hook.form
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == sent.sid
    assert (form["AccountSid"], form["ApiVersion"]) == (SIMULATED_ACCOUNT, "2010-04-01")
    assert (form["From"], form["To"]) == (HELEN, LINE)
    assert form["Body"] == "my foot went numb ☂ & ¿qué?\nnow"
    assert (form["NumMedia"], form["NumSegments"], form["SmsStatus"]) == ("0", "1", "received")
    assert {"FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToCountry"} <= form.keys()
    assert "OptOutType" not in form
    assert sent.heard is True


def test_a_picture_comes_with_an_address_that_gives_it(here: World) -> None:
    here.carrier.text_line(HELEN, "", picture=True)
    here.later.wait()
    form = here.line.at("/twilio/sms")[0].form
    assert (form["NumMedia"], form["Body"], form["MediaContentType0"]) == ("1", "", "image/png")
    assert form["MessageSid"].startswith("MM")
    assert form["MediaUrl0"].startswith("https://api.twilio.com/2010-04-01/Accounts/")
    address = form["MediaUrl0"].replace("https://api.twilio.com", here.url)
    assert HTTP.get(address).status_code == 401
    got = HTTP.get(address, auth=(SIMULATED_ACCOUNT, TOKEN))
    assert got.content.startswith(b"\x89PNG")
    assert HTTP.get(address[:-1] + "x", auth=(SIMULATED_ACCOUNT, TOKEN)).status_code == 404


def test_a_line_that_fails_has_its_fallback_asked_and_a_slow_one_is_not_asked_twice(
    here: World,
) -> None:
    here.line.answers["/twilio/sms"] = (500, "")
    sent = here.carrier.text_line(HELEN, "hello")
    here.later.wait()
    (first,) = here.line.at("/twilio/sms")
    (second,) = here.line.at("/twilio/sms/fallback")
    assert second.signed
    assert second.form["MessageSid"] == sent.sid
    assert (second.form["ErrorCode"], second.form["ErrorUrl"]) == (
        "11200",
        f"{here.url}/twilio/sms",
    )
    assert first.token != second.token
    assert sent.heard is True


def test_when_the_fallback_fails_too_the_text_counts_as_unheard(here: World) -> None:
    here.line.answers |= {"/twilio/sms": (403, ""), "/twilio/sms/fallback": (200, "no xml")}
    sent = here.carrier.text_line(HELEN, "hello")
    here.later.wait()
    assert sent.heard is False


def test_the_line_may_answer_in_twiml(here: World) -> None:
    both = "<Response><Message>One</Message><Message><Body>Two</Body></Message></Response>"
    here.line.answers["/twilio/sms"] = (200, both)
    here.carrier.text_line(HELEN, "hello")
    here.later.wait()
    assert thread(here, HELEN) == ["hello", "One", "Two"]


def test_receipts_come_in_order_signed_with_their_query_and_without_the_first_status(
    here: World,
) -> None:
    sent = here.send(status_callback=status_url(here))
    here.later.wait()
    receipts = here.line.at("/twilio/sms/status")
    assert here.line.statuses() == ["sending", "sent", "delivered"]
    assert all(hook.signed and hook.query == "o=42&kind=tip" for hook in receipts)
    last = receipts[-1].form
    assert last["MessageSid"] == last["SmsSid"] == sent.sid
    assert (last["SmsStatus"], last["To"], last["From"]) == ("delivered", HELEN, LINE)
    assert last["RawDlrDoneDate"] == "2611211405"
    assert "ErrorCode" not in last


def test_through_a_service_queued_has_a_receipt_too(with_service: World) -> None:
    with_service.client().messages.create(
        to=HELEN,
        messaging_service_sid=SERVICE,
        body="Hello",
        status_callback=status_url(with_service),
    )
    with_service.later.wait()
    assert with_service.line.statuses() == ["queued", "sending", "sent", "delivered"]
    assert with_service.line.hooks[0].form["MessagingServiceSid"] == SERVICE
    assert with_service.line.hooks[0].form["From"] == LINE


def test_a_line_that_sends_before_it_has_answered_waits_for_nothing(here: World) -> None:
    here.line.on_text = lambda form: here.send(to=form["From"], body="at once")
    sent = here.carrier.text_line(HELEN, "hello")
    here.later.wait(seconds=4)
    assert sent.heard is True
    assert thread(here, HELEN) == ["hello", "at once"]


@pytest.mark.parametrize(
    "word", ["STOP", " stop ", "Unsubscribe", "cancel", "END", "quit", "OPTOUT"]
)
def test_stop_is_obeyed_by_the_carrier_itself_and_the_line_still_hears_it(
    here: World, word: str
) -> None:
    here.carrier.text_line(HELEN, word)
    here.later.wait()
    assert here.line.at("/twilio/sms")[0].form["Body"] == word
    assert thread(here, HELEN)[1].startswith("You have successfully been unsubscribed.")
    assert refusal(lambda: here.send(to=HELEN)) == (400, 21610)
    assert len(thread(here, HELEN)) == 2


def test_a_stop_within_a_sentence_is_left_to_the_line(here: World) -> None:
    here.carrier.text_line(HELEN, "please stop")
    here.carrier.text_line(HELEN, "STOP, I can't feel my legs")
    here.later.wait()
    assert here.send(to=HELEN).status == "queued"


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_start_lets_texts_through_again(here: World, word: str) -> None:
    here.carrier.text_line(HELEN, "STOP")
    here.carrier.text_line(HELEN, "STOP")
    here.carrier.text_line(HELEN, "HELP")
    here.carrier.text_line(HELEN, word)
    here.later.wait()
    answers = [m.body for m in here.carrier.ledger.messages.values() if m.by_carrier]
    assert len(answers) == 2, "a second STOP and a HELP after it get no answer"
    assert answers[1].startswith("You have successfully been re-subscribed")
    assert here.send(to=HELEN).status == "queued"


def test_yes_from_somebody_who_never_stopped_and_help(here: World) -> None:
    here.carrier.text_line(HELEN, "YES")
    here.carrier.text_line(HELEN, "help")
    here.later.wait()
    assert thread(here, HELEN) == [
        "YES",
        "help",
        "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    ]
    assert len(here.line.at("/twilio/sms")) == 2


def test_a_twiml_answer_does_not_reach_somebody_who_has_stopped(here: World) -> None:
    here.line.answers["/twilio/sms"] = (
        200,
        "<Response><Message>Sorry to see you go</Message></Response>",
    )
    here.carrier.text_line(HELEN, "STOP")
    here.later.wait()
    assert "Sorry to see you go" not in thread(here, HELEN)
    assert [refused.code for refused in here.carrier.ledger.refusals] == [21610]


def test_a_landline_sends_no_texts(here: World) -> None:
    with pytest.raises(Refused, match="21614"):
        here.carrier.text_line(WALTER, "hello")
    assert not here.carrier.ledger.messages


def test_a_text_older_than_its_validity_fails(here: World) -> None:
    jobs: list[Callable[[], None]] = []
    here.carrier.later = jobs.append
    sent = here.send(validity_period=60, status_callback=status_url(here))
    here.clock.advance(timedelta(seconds=61))
    for job in jobs:
        job()
    assert here.line.statuses() == ["failed"]
    assert here.line.hooks[0].form["ErrorCode"] == "30036"
    assert here.client().messages(sent.sid).fetch().error_code == 30036


def test_a_line_that_cannot_be_reached_is_tried_twice_under_one_token_then_its_fallback_is() -> (
    None
):
    asked: list[tuple[str, str]] = []

    def unreachable(url: str, form: Form, headers: Mapping[str, str]) -> Answer:
        asked.append((url, headers["I-Twilio-Idempotency-Token"]))
        return POST(url, form, headers)

    gone = "http://127.0.0.1:9"
    clock = SystemClock()
    carrier = Carrier(
        SIMULATED_ACCOUNT, TOKEN, LINE, gone, clock, post=unreachable, later=lambda job: job()
    )
    lost = carrier.text_line(HELEN, "anybody there?")
    assert lost.heard is False
    assert [url for url, _ in asked] == [f"{gone}/twilio/sms"] * 2 + [
        f"{gone}/twilio/sms/fallback"
    ] * 2
    tokens = [token for _, token in asked]
    assert tokens[0] == tokens[1] != tokens[2] == tokens[3]


def test_no_word_or_number_of_anybody_is_logged(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secret = hashlib.sha256(b"words").hexdigest()

    def fail(form: dict[str, str]) -> None:
        raise ValueError(form["Body"])

    here.line.on_text = fail
    here.carrier.text_line(HELEN, secret)
    here.later(lambda: fail({"Body": secret}))
    here.later.wait()
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("service", "httpx"))]
    assert "the simulated carrier dropped a job: ValueError" in ours
    assert not any(secret in line or HELEN[1:] in line for line in ours)


def test_faults_are_off_until_they_are_asked_for() -> None:
    steps = ["sending", "sent", "delivered"]
    assert all(Faults().distort(list(steps)) == steps for _ in range(50))
