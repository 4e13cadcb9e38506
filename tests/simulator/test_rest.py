"""The simulated REST API, asked by Twilio's own client."""

from datetime import UTC, date, datetime, timedelta

import pytest

from service.clock import FixedClock
from service.config import Settings
from service.line.lookup import TwilioLookup
from service.simulator.carrier import SIMULATED_ACCOUNT, Carrier
from tests.simulator.world import HELEN, HTTP, LINE, ROSA, SERVICE, TOKEN, WALTER, World, refusal

UNKNOWN_SID = "SM" + "9" * 32


def test_a_text_is_taken_and_can_be_fetched(here: World) -> None:
    sent = here.send(body="Take the first tip slowly. ¿Bien?")
    assert sent.sid.startswith("SM")
    assert len(sent.sid) == 34
    assert (sent.status, sent.to, sent.from_, sent.direction) == (
        "queued",
        HELEN,
        LINE,
        "outbound-api",
    )
    assert sent.date_created == datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert sent.date_sent is None
    assert (sent.num_segments, sent.num_media, sent.account_sid) == ("1", "0", SIMULATED_ACCOUNT)
    here.later.wait()
    fetched = here.client().messages(sent.sid).fetch()
    assert (fetched.status, fetched.body) == ("delivered", "Take the first tip slowly. ¿Bien?")
    assert fetched.date_sent == datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


def test_through_a_messaging_service_a_text_begins_as_accepted_without_a_sender(
    with_service: World,
) -> None:
    sent = with_service.client().messages.create(
        to=HELEN, messaging_service_sid=SERVICE, body="Hello"
    )
    assert (sent.status, sent.from_, sent.messaging_service_sid) == ("accepted", None, SERVICE)
    with_service.later.wait()
    assert with_service.client().messages(sent.sid).fetch().from_ == LINE


def test_segments_are_counted_as_the_carrier_bills_them(here: World) -> None:
    assert here.send(body="a" * 161).num_segments == "2"
    assert here.send(body="á" * 71).num_segments == "2"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"From": LINE, "Body": "x"}, (400, 21604)),
        ({"To": HELEN, "Body": "x"}, (400, 21603)),
        ({"To": HELEN, "From": LINE}, (400, 21619)),
        ({"To": HELEN, "From": LINE, "Body": ""}, (400, 21619)),
        ({"To": HELEN, "From": LINE, "Body": "x" * 1601}, (400, 21617)),
        ({"To": "+1804", "From": LINE, "Body": "x"}, (400, 21211)),
        ({"To": "Helen", "From": LINE, "Body": "x"}, (400, 21211)),
        ({"To": HELEN, "From": ROSA, "Body": "x"}, (400, 21606)),
        ({"To": LINE, "From": LINE, "Body": "x"}, (400, 21266)),
        ({"To": HELEN, "MessagingServiceSid": SERVICE, "Body": "x"}, (404, 21701)),
        ({"To": HELEN, "From": LINE, "Body": "x", "ValidityPeriod": "0"}, (400, 21624)),
        ({"To": HELEN, "From": LINE, "Body": "x", "ValidityPeriod": "36001"}, (400, 21624)),
        ({"To": HELEN, "From": LINE, "Body": "x", "StatusCallback": "/status"}, (400, 21609)),
        ({"To": WALTER, "From": LINE, "Body": "x"}, (400, 21614)),
    ],
)
def test_what_twilio_would_refuse_is_refused_in_its_words(
    here: World, fields: dict[str, str], expected: tuple[int, int]
) -> None:
    address = f"{here.url}/2010-04-01/Accounts/{SIMULATED_ACCOUNT}/Messages.json"
    answer = HTTP.post(address, data=fields, auth=(SIMULATED_ACCOUNT, TOKEN))
    said = answer.json()
    assert (answer.status_code, said["code"]) == expected
    assert said["status"] == answer.status_code
    assert said["more_info"].endswith(str(said["code"]))
    assert said["message"]
    assert not here.carrier.ledger.messages


def test_a_wrong_token_or_another_account_gets_in_nowhere(here: World) -> None:
    wrong = here.client(token="guess")
    assert refusal(lambda: wrong.messages.create(to=HELEN, from_=LINE, body="x")) == (401, 20003)
    assert refusal(lambda: wrong.messages(UNKNOWN_SID).fetch()) == (401, 20003)
    assert refusal(lambda: wrong.calls.create(to=HELEN, from_=LINE, url="http://x.example")) == (
        401,
        20003,
    )
    assert refusal(wrong.api.accounts(SIMULATED_ACCOUNT).fetch) == (401, 20003)
    other = here.client().api.accounts("AC" + "1" * 32)
    assert refusal(lambda: other.messages.create(to=HELEN, from_=LINE, body="x")) == (401, 20003)
    for header in ({}, {"Authorization": "Basic !!"}, {"Authorization": "Bearer x"}):
        address = f"{here.url}/2010-04-01/Accounts/{SIMULATED_ACCOUNT}.json"
        assert HTTP.get(address, headers=header).status_code == 401


def test_what_does_not_exist_is_not_found(here: World) -> None:
    assert refusal(lambda: here.client().messages(UNKNOWN_SID).fetch()) == (404, 20404)
    assert refusal(lambda: here.client().calls("CA" + "9" * 32).fetch()) == (404, 20404)


def test_texts_are_listed_newest_first_over_pages_that_new_texts_do_not_shift(here: World) -> None:
    for number in range(5):
        here.send(body=f"text {number}")
    listed = here.client().messages.stream(page_size=2)
    bodies = [next(listed).body]
    here.send(body="in between")
    bodies += [message.body for message in listed]
    assert bodies == [f"text {number}" for number in (4, 3, 2, 1, 0)]


def test_texts_are_found_by_number_and_by_when_they_were_sent(here: World) -> None:
    texts = here.client().messages
    here.send(to=HELEN, body="today")
    here.later.wait()
    noon = here.clock.now()
    here.clock.advance(timedelta(days=1))
    here.send(to=ROSA, body="tomorrow")
    here.later.wait()
    assert [text.body for text in texts.list(to=ROSA)] == ["tomorrow"]
    assert [text.body for text in texts.list(to=HELEN, date_sent_after=noon)] == ["today"]
    assert [text.body for text in texts.list(date_sent_after=noon + timedelta(seconds=1))] == [
        "tomorrow"
    ]
    assert [text.body for text in texts.list(date_sent_before=noon)] == ["today"]
    assert [text.body for text in texts.list(date_sent=date(2026, 11, 22))] == ["tomorrow"]
    assert len(texts.list(from_=LINE)) == 2
    assert texts.list(from_=ROSA) == []


def test_a_text_that_was_not_sent_yet_passes_no_date_filter(here: World) -> None:
    here.carrier.later = lambda job: None
    here.send()
    assert here.client().messages.list(date_sent_after=datetime(2020, 1, 1, tzinfo=UTC)) == []
    assert len(here.client().messages.list()) == 1


def test_a_date_or_page_that_is_none_is_refused(here: World) -> None:
    address = f"{here.url}/2010-04-01/Accounts/{SIMULATED_ACCOUNT}/Messages.json"
    here.send()
    for query in ({"DateSent": "yesterday"}, {"PageSize": "many"}):
        answer = HTTP.get(address, params=query, auth=(SIMULATED_ACCOUNT, TOKEN))
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_the_account_and_its_number_point_at_the_line(here: World) -> None:
    account = here.client().api.accounts(SIMULATED_ACCOUNT).fetch()
    assert (account.sid, account.status) == (SIMULATED_ACCOUNT, "active")
    (number,) = here.client().incoming_phone_numbers.list(phone_number=LINE)
    assert number.phone_number == LINE
    assert number.sms_url == f"{here.url}/twilio/sms"
    assert number.voice_url == f"{here.url}/twilio/voice"
    assert number.capabilities["sms"]
    assert here.client().incoming_phone_numbers.list(phone_number=HELEN) == []


def test_a_call_rings_and_nobody_picks_up(here: World) -> None:
    placed = here.client().calls.create(
        to=WALTER,
        from_=LINE,
        url=f"{here.url}/twilio/voice",
        status_callback=f"{here.url}/twilio/voice/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert (placed.status, placed.to, placed.direction) == ("queued", WALTER, "outbound-api")
    here.later.wait()
    receipts = here.line.at("/twilio/voice/status")
    assert [hook.form["CallStatus"] for hook in receipts] == ["initiated", "ringing", "no-answer"]
    assert [hook.form["SequenceNumber"] for hook in receipts] == ["0", "1", "2"]
    assert all(hook.signed for hook in receipts)
    assert here.client().calls(placed.sid).fetch().status == "no-answer"
    assert [call.sid for call in here.client().calls.list(to=WALTER)] == [placed.sid]
    assert here.client().calls.list(to=HELEN) == []


def test_a_call_that_cannot_be_placed_is_refused(here: World) -> None:
    calls = here.client().calls
    assert refusal(lambda: calls.create(to="nobody", from_=LINE, url="http://x.example")) == (
        400,
        21217,
    )
    assert refusal(lambda: calls.create(to=HELEN, from_=ROSA, url="http://x.example")) == (
        400,
        21210,
    )
    assert refusal(lambda: calls.create(to=HELEN, from_=LINE)) == (400, 21205)


def test_a_real_account_is_never_taken_for_a_simulated_one() -> None:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(ValueError, match="simulated account"):
        Carrier("AC" + "8f" * 16, TOKEN, LINE, "http://127.0.0.1", clock)


def test_lookup_tells_a_mobile_from_a_landline(here: World) -> None:
    settings = Settings(_env_file=None, TWILIO_API_URL=here.url)
    lookup = TwilioLookup(settings, here.carrier.account_sid, TOKEN)
    assert [lookup.line_type(number) for number in (HELEN, WALTER)] == ["mobile", "landline"]
    assert TwilioLookup(settings, here.carrier.account_sid, "wrong").line_type(HELEN) is None
