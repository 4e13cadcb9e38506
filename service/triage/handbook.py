"""The tables of docs/triage.md, made from the lexicon so that the page cannot lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.triage.entries import Sign
from service.triage.lexicon import Lexicon
from service.triage.rules import Level

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def tables(lexicon: Lexicon) -> str:
    """Signs by level, combinations, and vocabularies, in Markdown."""
    return "\n".join([*_signs(lexicon), *_combinations(lexicon), *_vocabularies(lexicon)])


def with_tables(page: str, lexicon: Lexicon) -> str:
    """The page with everything between its two marks replaced by the tables of this lexicon."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables(lexicon)}\n{END}{after}"


def _signs(lexicon: Lexicon) -> Iterator[str]:
    for level in sorted(Level, key=lambda each: -each.rank):
        found = [(key, sign) for key, sign in lexicon.signs.items() if sign.level is level]
        if not found:
            continue
        yield f"\n### {level.capitalize()}\n"
        yield "| sign | key | wordings | if over | if long known | source |"
        yield "|---|---|---|---|---|---|"
        yield from (_sign(key, sign) for key, sign in found)


def _sign(key: str, sign: Sign) -> str:
    count = len(tuple(sign.wordings()))
    known = sign.known or "same"
    return f"| {sign.name} | `{key}` | {count} | {sign.resolved} | {known} | {sign.source} |"


def _combinations(lexicon: Lexicon) -> Iterator[str]:
    yield "\n### Together\n"
    yield "| signs together | level | source |"
    yield "|---|---|---|"
    for combination in lexicon.combinations:
        yield f"| {combination.name} | {combination.level} | {combination.source} |"


def _vocabularies(lexicon: Lexicon) -> Iterator[str]:
    yield "\n### Vocabularies\n"
    yield "| name | what it holds | English, for example | Spanish, for example |"
    yield "|---|---|---|---|"
    for name, entry in lexicon.vocabulary.items():
        yield f"| `{name}` | {entry.about} | {_some(entry.en)} | {_some(entry.es)} |"


def _some(phrases: Iterable[str]) -> str:
    return ", ".join(list(phrases)[:4]) or "–"
