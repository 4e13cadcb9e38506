"""Lists of the REST API: which items a query asks for, and a page of them in Twilio's form."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from service.simulator.records import Message
from service.simulator.refused import Refused
from service.simulator.resources import Json


def matches(message: Message, asked: Mapping[str, str]) -> bool:
    """Whether a text passes a list's To, From and DateSent filters; Refused when a date is none.

    `DateSent>` and `DateSent<` include the moment they name. A text that was not sent yet has no date, and
    passes no date filter. Source: "Message resource", read multiple.
    """
    if (
        asked.get("To", message.to) != message.to
        or asked.get("From", message.sender) != message.sender
    ):
        return False
    dates = [(name, value) for name, value in asked.items() if name.startswith("DateSent")]
    return all(_within(message.sent, name[-1], value) for name, value in dates)


def _within(sent: datetime | None, relation: str, value: str) -> bool:
    start, end = _span(value)
    if sent is None:
        return False
    if relation == ">":
        return sent >= start
    return sent <= start if relation == "<" else start <= sent < end


def _span(value: str) -> tuple[datetime, datetime]:
    """The day, or the second, that a date or a time stands for."""
    try:
        start = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(20001) from error
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return start, start + (timedelta(days=1) if len(value) == 10 else timedelta(seconds=1))


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
