"""Lay out the lists of messages/red_flags.toml: `python -m tests.triage.lay_out`.

Plain words run on to 100 columns; a wording with signs of its own language ("[leg] ~ numb") has a
line to itself, folded where it is longer. A comment inside a list stays before the wording it
stands before. What the file says does not change, nor the order.
"""

import re
import textwrap
import tomllib
from collections.abc import Iterator

from service.config import ROOT

FLAGS = ROOT / "messages" / "red_flags.toml"
WIDTH = 100
_FOLD = re.compile(r"\\\n\s*")
_STRING = r'"""(?:[^"\\]|\\.|\\\n)*"""|"(?:[^"\\]|\\.)*"'
_PART = re.compile(rf"{_STRING}|#[^\n]*")
_LIST = re.compile(rf"^(\w+) = \[((?:{_STRING}|#[^\n]*|[\s,])*)\]$", re.MULTILINE)
_SYNTAX = frozenset("[(~&")


def laid_out(text: str) -> str:
    """The same file with every list laid out; raises ValueError should it mean something else."""
    result = _LIST.sub(_list, text)
    if tomllib.loads(result) != tomllib.loads(text):
        raise ValueError("the layout would change what the file says")
    return result


def _list(found: re.Match[str]) -> str:
    parts = [_FOLD.sub("", part).replace('"""', '"') for part in _PART.findall(found[2])]
    line = f"{found[1]} = [{', '.join(parts)}]"
    if len(line) <= WIDTH and not any(part.startswith("#") for part in parts):
        return line
    return "\n".join([f"{found[1]} = [", *_lines(parts), "]"])


def _lines(parts: list[str]) -> Iterator[str]:
    line = ""
    for part in parts:
        alone = part.startswith("#") or bool(_SYNTAX & set(part))
        if line and (alone or len(line) + len(part) + 2 > WIDTH):
            yield line
            line = ""
        if alone:
            yield f"  {part}" if part.startswith("#") else _folded(part)
        else:
            line = f"{line} {part}," if line else f"  {part},"
    if line:
        yield line


def _folded(wording: str) -> str:
    """A wording on one line, or folded after a bar or a space in the manner of TOML."""
    if len(wording) + 3 <= WIDTH:
        return f"  {wording},"
    loose = wording.strip('"').replace("|", "|\0").replace(" ", " \0")
    folds, line = [], ""
    for piece in loose.split("\0"):
        if len(line) + len(piece) > WIDTH - 9:
            folds.append(line)
            line = ""
        line += piece
    return textwrap.indent('"""' + "\\\n   ".join([*folds, line]) + '""",', "  ")


def main() -> None:
    FLAGS.write_text(laid_out(FLAGS.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
