"""Judge a table of messages: what `backtalk triage` reads and prints."""

from collections.abc import Iterable, Iterator

from service.errors import BacktalkError
from service.triage.assess import assess
from service.triage.lexicon import Lexicon

NEEDED = ("id", "channel", "lang", "text")


class BadTable(BacktalkError):
    """The table cannot be read; the text says which line and why."""


def judge_rows(lines: Iterable[str], lexicon: Lexicon) -> Iterator[str]:
    """For each row "id<TAB>level<TAB>findings" (sign names, comma-separated, worst first).

    The first line names the columns, at least those of NEEDED; others are ignored. A text may not
    hold a tab or a line break. BadTable for a missing column or a row that is too short.
    """
    rows = (line.rstrip("\r\n") for line in lines)
    header = next(rows, "").lstrip("\ufeff").split("\t")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadTable(f"line 1: the header lacks {', '.join(missing)}")
    places = [header.index(name) for name in NEEDED]
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        cells = row.split("\t")
        if len(cells) <= max(places):
            raise BadTable(f"line {number}: {len(cells)} columns instead of {len(header)}")
        name, channel, language, text = (cells[place] for place in places)
        found = assess(text, lexicon, language=language, channel=channel)
        worst_first = sorted(found.findings, key=lambda finding: -finding.level.rank)
        signs = ",".join(dict.fromkeys(finding.sign for finding in worst_first))
        yield f"{name}\t{found.level}\t{signs}"
