"""Pictures of figures: drawn on the server by pygal, styled by the console's own style sheet.

What pygal brings of styles and scripts is taken out, since the content security policy refuses both; the
colours come from charts.css, so that a picture is dark when the page is. Every picture has a table beside
it: to a screen reader it is one image with a title and a sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pygal
from pygal.style import Style

from service.tongue import gettext

SVG = "http://www.w3.org/2000/svg"
WIDTH = 560

HUES = ("teal", "amber", "red", "grey", "ink")
"""The colours of the series in their order, unless others are named; charts.css says what they are."""

ROOM_FOR_LABELS = Style(label_font_size=16, major_label_font_size=16)
"""By this pygal reckons how wide a label is: more than charts.css draws, for fonts that run wide."""

ElementTree.register_namespace("", SVG)

Values = Sequence[float | int | None]

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: the SVG to be put into a page, and its legend as (class, name)."""

    title: str
    svg: str
    legend: tuple[tuple[str, str], ...]


def week_label(day: date) -> str:
    """A week under a picture, short enough for twelve beside each other: "11/30"."""
    return f"{day.month}/{day.day}"


def bars(title: str, tells: str, labels: Sequence[str], series: Mapping[str, Values]) -> Chart:
    """Bars side by side, a group for each label."""
    return _drawn(pygal.Bar, title, tells, labels, series, 260)


def lying_bars(
    title: str,
    tells: str,
    labels: Sequence[str],
    series: Mapping[str, Values],
    *,
    stacked: bool = False,
    hues: Sequence[str] = HUES,
) -> Chart:
    """Bars that lie, for long labels, the first on top; `stacked` adds a label's values up."""
    kind = pygal.HorizontalStackedBar if stacked else pygal.HorizontalBar
    upward = {name: list(reversed(values)) for name, values in series.items()}
    height = 50 + (30 if stacked else 16 + 9 * len(series)) * len(labels)
    return _drawn(kind, title, tells, list(reversed(labels)), upward, height, hues)


def lines(
    title: str, tells: str, labels: Sequence[str], series: Mapping[str, Values], target: float
) -> Chart:
    """Lines over time, with the target drawn through in grey."""
    drawn = {**series, gettext("Target"): [target] * len(labels)}
    hues = (*HUES[: len(series)], "grey")
    return _drawn(pygal.Line, title, tells, labels, drawn, 260, hues)


def _drawn(
    kind: type,
    title: str,
    tells: str,
    labels: Sequence[str],
    series: Mapping[str, Values],
    height: int,
    hues: Sequence[str] = HUES,
) -> Chart:
    chart = kind(
        js=[], css=[], width=WIDTH, height=height, show_legend=False, margin=6, margin_right=24,
        max_scale=5, no_data_text=gettext("Nothing yet"), range=(0, _top(kind, series)),
        style=ROOM_FOR_LABELS, truncate_label=-1,
    )  # fmt: skip
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    legend = tuple((f"hue-{hue}", name) for hue, name in zip(hues, series, strict=False))
    return Chart(title, _bare(chart.render_tree(), title, tells, hues), legend)


def _top(kind: type, series: Mapping[str, Values]) -> float:
    """The end of the scale: a little above the highest value."""
    columns = zip(*series.values(), strict=True)
    if kind is pygal.HorizontalStackedBar:
        highest = max((sum(value or 0 for value in column) for column in columns), default=0)
    else:
        highest = max((value or 0 for column in columns for value in column), default=0)
    return max(1, highest)


def _bare(drawn: Element, title: str, tells: str, hues: Sequence[str]) -> str:
    """The drawing without styles, scripts, comments and ids, with a title and a description."""
    number = next(_numbers)
    drawing = ElementTree.tostring(drawn)
    root = ElementTree.fromstring(drawing)  # noqa: S314  our own; reading drops the comments
    for parent in list(root.iter()):
        for child in list(parent):
            tag = child.tag.removeprefix(f"{{{SVG}}}")
            if tag in ("style", "script", "desc", "title") or child.get("class") == "tooltip":
                parent.remove(child)
    for place, hue in enumerate(hues):
        for series in root.iterfind(f".//*[@class='series serie-{place} color-{place}']"):
            series.set("class", f"series hue-{hue}")
    told = Element("title", {"id": f"chart-{number}"}), Element("desc", {"id": f"tells-{number}"})
    told[0].text, told[1].text = title, tells
    root[:0] = told
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"chart-{number} tells-{number}")
    return ElementTree.tostring(root, encoding="unicode")
