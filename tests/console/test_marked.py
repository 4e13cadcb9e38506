"""Every sentence of the console's code is marked for translation, in whatever branch it stands.

A walk over the pages (test_translating.py) takes some branches; here the templates, the Python and the
scripts are read.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import nodes

from service.config import ROOT
from service.console import report_words, shell, words
from service.errors import BacktalkError
from service.report_requests.rules import Hold, Returned
from service.review.rules import Snooze
from tests.console.brackets import Page

CONSOLE = ROOT / "service" / "console"


def shown_by(node: nodes.Node) -> Iterator[str]:
    """What a template's expression can put on the page as it stands in the template."""
    match node:
        case nodes.Const(value=str() as text):
            yield text
        case nodes.CondExpr():
            yield from shown_by(node.expr1)
            if node.expr2 is not None:
                yield from shown_by(node.expr2)
        case nodes.Or() | nodes.And():
            yield from shown_by(node.left)
            yield from shown_by(node.right)
        case nodes.Concat():
            for part in node.nodes:
                yield from shown_by(part)
        case nodes.Filter() if node.node is not None and node.name != "format":
            yield from shown_by(node.node)


def handed_on(tree: nodes.Template) -> Iterator[str]:
    """Sentences that a template gives to a macro or a function which does not translate them."""
    for call in tree.find_all(nodes.Call):
        translates = isinstance(call.node, nodes.Name) and call.node.name in (
            "_", "gettext", "ngettext",
        )  # fmt: skip
        if not translates:
            given = [*call.args, *(pair.value for pair in call.kwargs)]
            said = (text for each in given for text in shown_by(each))
            yield from (text for text in said if re.match(r"[A-Z][a-z]|\w+ \w", text))


@pytest.mark.parametrize("name", sorted(path.name for path in (CONSOLE / "templates").iterdir()))
def test_a_template_says_nothing_that_is_not_marked(name: str) -> None:
    """In any of its branches."""
    source = (CONSOLE / "templates" / name).read_text(encoding="utf-8")
    tree = shell._pages.parse(source)
    pieces: list[str] = []
    for block in tree.find_all(nodes.Block):
        if block.name == "body_class":
            block.body = []
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            said = [node.data] if isinstance(node, nodes.TemplateData) else list(shown_by(node))
            pieces.append("".join(said) if said else "0")
    left = (
        re.sub(r'[\w-]+="0"', "", text) for text in Page("".join(pieces), heeds_marks=False).left
    )
    assert [text.strip() for text in left if re.search(r"[^\W\d_]", text)] == []
    assert list(handed_on(tree)) == []


# in a script: "Queue waits", "the list is old", "it rings."
SENTENCE = re.compile(r"[A-Z][a-z]+\b[ .]|[a-z]{2,} [a-z]{2,} [a-z]{2,}|[a-z] [a-z]+\.$")

CODES = {
    "Body",  # a field of the carrier's
    "Visit",  # a type
    "Resident",  # on a label: for the post
    *("codes set up", "recovery codes renewed", "put on duty", "taken off duty"),  # in the history
    ".//*[@class='series serie- color-']",
}
# in Python: "Sign", "Seen, min", "QR code", "all day and night", "too late."
READABLE = re.compile(r"[A-Z][a-z]+([ ,:.].*)?$|[A-Z]+ [a-z]+|[\w’-]+( [\w’-]+){2,}|[\w ’]+[.?!]$")

MARKS = {"gettext", "ngettext", "N_"}
UNSEEN = {"fonts.py"}


def sentences(tree: ast.AST) -> Iterator[str]:
    """Strings in Python that read like something for people and are not marked."""
    match tree:
        case ast.Call(func=ast.Name(id=name)) if name in MARKS | _error_names():
            return
        case ast.Call(func=ast.Attribute(attr="get" | "setdefault" | "set")):
            return  # headers
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.Call(func=ast.Name(id="Words"), args=[ast.Dict(values=table)]):
            yield from (str(each.value) for each in table if isinstance(each, ast.Constant))
            return
        case ast.Constant(value=str() as text) if READABLE.match(text):
            yield text
        case ast.JoinedStr():
            said = "".join(
                str(each.value) for each in tree.values if isinstance(each, ast.Constant)
            )
            if re.search(r"[a-zA-Z]{2,} [a-zA-Z]{2,}", said):
                yield said
    for child in ast.iter_child_nodes(tree):
        yield from sentences(child)


@cache
def _error_names() -> set[str]:
    found, todo = set[str](), [BacktalkError]
    while todo:
        kind = todo.pop()
        found.add(kind.__name__)
        todo += kind.__subclasses__()
    return found


@pytest.mark.parametrize("file", sorted(CONSOLE.glob("*.py")), ids=lambda path: path.stem)
def test_python_says_nothing_that_is_not_marked(file: Path) -> None:
    if file.name not in UNSEEN:
        assert set(sentences(ast.parse(file.read_text(encoding="utf-8")))) <= CODES


@pytest.mark.parametrize(
    "file", sorted((CONSOLE / "static").glob("*.js")), ids=lambda path: path.stem
)
def test_scripts_say_nothing_themselves(file: Path) -> None:
    script = re.sub(
        r"/\*.*?\*/|// [^\n]*|\$\{[^}]*\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    said = [a or b for a, b in re.findall(r"\"([^\"\n]*)\"|`([^`]*)`", script)]
    assert {text for text in said if SENTENCE.search(text)} <= {"not the list"}  # thrown, not shown
    assert said


@pytest.mark.parametrize(
    "folder", ["console", "staff", "review", "rights", "report_requests", "drip", "conversation"]
)
def test_every_refusal_is_drawn_out(folder: str, drawn_out: Catalog) -> None:
    """A new class of errors has to be named in the command of docs/translating.md."""
    for file in (ROOT / "service" / folder).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            raised = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(raised, ast.Call) and getattr(raised.func, "id", "") in _error_names():
                text = raised.args[0]
                assert isinstance(text, ast.Constant), f"{file}:{raised.lineno}"
                assert drawn_out.get(str(text.value)) is not None, f"{file}:{raised.lineno}"


@pytest.mark.parametrize(("said", "codes"), [
    (report_words.RETURNED, Returned), (report_words.HOLDS, Hold), (words.SNOOZES, Snooze),
])  # fmt: skip
def test_every_code_has_words(said: Mapping[StrEnum, str], codes: type[StrEnum]) -> None:
    assert set(said) == set(codes)
