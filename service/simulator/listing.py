"""Lists of the REST API: which items a query asks for, and a page of them in Twilio's form."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from service.simulator.records import Message
from service.simulator.refused import Refused
from service.simulator.resources import Json


def matches(message: Message, asked: Mapping[str, str]) -> bool:
    """Whether a text passes a list's To, From and DateSent filters; Refused when a date is none.

    `DateSent>` and `DateSent<` include the moment they name; `DateSent` means its day in UTC. A text that
    was not sent yet has no date, and passes no date filter. Source: "Message resource", read multiple.
    """
    if (
        asked.get("To", message.to) != message.to
        or asked.get("From", message.sender) != message.sender
    ):
        return False
    dates = [(name, value) for name, value in asked.items() if name.startswith("DateSent")]
    return all(_within(message.sent, name[-1], value) for name, value in dates)


def _within(sent: datetime | None, relation: str, value: str) -> bool:
    try:
        asked = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(20001) from error
    asked = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
    if sent is None:
        return False
    if relation == ">":
        return sent >= asked
    return sent <= asked if relation == "<" else sent.date() == asked.date()


def page_json(
    name: str, uri: str, filters: Sequence[tuple[str, str]], items: Sequence[Json]
) -> Json:
    """One page of a list. `filters` is the query as it came; `items` is everything that matches, newest
    first. A page token names the last item of the page before, so that new items do not shift the pages."""
    asked = dict(filters)
    size = min(max(_number(asked.get("PageSize", "50")), 1), 1000)
    number = _number(asked.get("Page", "0"))
    after = asked.get("PageToken", "").removeprefix("PA")
    sids = [item["sid"] for item in items]
    start = sids.index(after) + 1 if after in sids else number * size
    shown = list(items[start : start + size])
    kept = [(key, value) for key, value in filters if key not in ("Page", "PageSize", "PageToken")]

    def address(page: int, token: str = "") -> str:
        tail = [("PageSize", str(size)), ("Page", str(page))] + [("PageToken", token)] * bool(token)
        return f"{uri}?{urlencode(kept + tail)}"

    more = start + size < len(items)
    return {
        name: shown,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(shown) - 1, 0),
        "uri": address(number),
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, f"PA{shown[-1]['sid']}") if more else None,
        "previous_page_uri": address(number - 1) if number else None,
    }


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Refused(20001)
    return int(text)
