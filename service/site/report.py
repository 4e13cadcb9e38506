"""The nine tips on paper: `messages/<language>/report.md` set as a two-page US-letter PDF."""

from collections.abc import Iterator
from functools import partial
from html import escape
from importlib import resources
from io import BytesIO
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from service.content import Content

PAGES: Final = 2
# Type sizes in points, largest first: many readers are over sixty. The first that fits is used.
SIZES: Final = (16.0, 15.5, 15.0, 14.5, 14.0, 13.5, 13.0, 12.5, 12.0, 11.5, 11.0, 10.5, 10.0)

_INK, _TEAL, _PALE_TEAL = HexColor("#1d2528"), HexColor("#14505c"), HexColor("#e6f0f1")
_RED, _PALE_RED = HexColor("#a11d1d"), HexColor("#fbecea")
_WIDTH, _HEIGHT = LETTER
_MARGIN, _BAND, _FOOT = 0.7 * inch, 0.72 * inch, 0.5 * inch
_COLUMN = _WIDTH - 2 * _MARGIN
_FACES: Final = {
    "Regular": "Body",
    "Bold": "Body-Bold",
    "It": "Body-Italic",
    "BoldIt": "Body-BoldItalic",
}


def render_report(content: Content, language: str) -> bytes:
    """The report as PDF; the same content gives the same bytes.

    Two pages as long as the text allows it at 10 points or more; a longer text gets more pages.
    """
    _register_fonts()
    tree = Node(MarkdownIt("commonmark", {"html": False}).parse(content.report(language)))
    for size in SIZES:
        pdf, pages = _built(content, language, tree, size)
        if pages <= PAGES:
            break
    return pdf


def _built(content: Content, language: str, tree: Node, size: float) -> tuple[bytes, int]:
    buffer = BytesIO()
    frame = Frame(
        _MARGIN, _FOOT, _COLUMN, _HEIGHT - _BAND - _FOOT - 20,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    document = BaseDocTemplate(
        buffer, pagesize=LETTER, invariant=1, lang=language, title=_title(tree),
        author=content.clinic.name,
    )  # fmt: skip
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=partial(_dress, content)))
    document.build(list(_story(tree, _Styles(size))))
    return buffer.getvalue(), document.page


def _register_fonts() -> None:
    """Embed Source Sans Pro (SIL Open Font License), which has every Spanish letter."""
    if "Body" in pdfmetrics.getRegisteredFontNames():
        return
    files = resources.files("font_source_sans_pro") / "files"
    for cut, name in _FACES.items():
        with resources.as_file(files / f"SourceSansPro-{cut}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, path))
    pdfmetrics.registerFontFamily("Body", *_FACES.values())


def _dress(content: Content, canvas: Canvas, document: BaseDocTemplate) -> None:
    """The band with the clinic's name and phone, and the foot of the page."""
    canvas.setFillColor(_TEAL)
    canvas.rect(0, _HEIGHT - _BAND, _WIDTH, _BAND, stroke=0, fill=1)
    canvas.setFillColor(white)
    middle = _HEIGHT - _BAND / 2
    canvas.setFont("Body-Bold", 15)
    canvas.drawString(_MARGIN, middle - 5, content.clinic.name)
    canvas.setFont("Body-Bold", 20)
    canvas.drawRightString(_WIDTH - _MARGIN, middle - 6.5, content.clinic.phone_display)
    canvas.setFillColor(_INK)
    canvas.setFont("Body", 10)
    canvas.drawString(_MARGIN, _FOOT - 18, f"{content.clinic.address}  ·  {content.clinic.website}")
    canvas.drawRightString(_WIDTH - _MARGIN, _FOOT - 18, f"{document.page} / {PAGES}")


class _Styles:
    """The paragraph styles for one size of body type, in points."""

    def __init__(self, size: float) -> None:
        body = ParagraphStyle(
            "body", fontName="Body", fontSize=size, leading=size * 1.27, textColor=_INK
        )
        bold = ParagraphStyle("bold", body, fontName="Body-Bold")
        self.size = size
        self.body = body
        self.title = ParagraphStyle(
            "title", bold, fontSize=size * 2.1, leading=size * 2.3, textColor=_TEAL
        )
        self.tip = ParagraphStyle(
            "tip", bold, fontSize=size * 1.2, leading=size * 1.45, textColor=_TEAL
        )
        self.alarm = ParagraphStyle("alarm", self.tip, textColor=_RED)
        self.item = ParagraphStyle(
            "item", body, leftIndent=size, bulletIndent=1, bulletFontName="Body-Bold",
            bulletFontSize=size,
        )  # fmt: skip


def _story(tree: Node, styles: _Styles) -> Iterator[Flowable]:
    """The page's parts in order; a numbered heading and what follows it make a tip."""
    nodes = list(tree.children)
    boxes = 0
    while nodes:
        node = nodes.pop(0)
        if node.type == "heading" and node.tag == "h1":
            yield Paragraph(_inline(node), styles.title)
        elif node.type == "heading":
            body = []
            while nodes and nodes[0].type == "paragraph":
                body.append(nodes.pop(0))
            yield _tip(node, body, styles)
        elif node.type == "blockquote":
            boxes += 1
            yield _box(node, styles, alarm=boxes == 1)
        else:
            yield Paragraph(_inline(node), styles.body)
        yield Spacer(0, styles.size * 0.62)


def _tip(heading: Node, body: list[Node], styles: _Styles) -> Table:
    number, _, words = _inline(heading).partition(". ")
    told = [Paragraph(words or number, styles.tip)]
    told += [Paragraph(_inline(paragraph), styles.body) for paragraph in body]
    badge = _Badge(number, styles.size) if words else ""
    gutter = styles.size * 2.7
    tip = Table([[badge, told]], colWidths=[gutter, _COLUMN - gutter])
    tip.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(0, 0)])
    return tip


def _box(quote: Node, styles: _Styles, *, alarm: bool) -> Table:
    """The signs that need 911 in a red frame; how to reach us in a calm one."""
    edge, ground = (_RED, _PALE_RED) if alarm else (_TEAL, _PALE_TEAL)
    inside: list[Flowable] = []
    for node in quote.children:
        if node.type == "heading":
            inside += [
                Paragraph(_inline(node), styles.alarm if alarm else styles.tip),
                Spacer(0, 4),
            ]
        elif node.type == "bullet_list":
            inside += [
                Paragraph(_inline(item), styles.item, bulletText="•") for item in node.children
            ]
        else:
            inside += [Spacer(0, 3), Paragraph(_inline(node), styles.body)]
    box = Table([[inside]], colWidths=[_COLUMN])
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), ground),
            ("BOX", (0, 0), (-1, -1), 1.6, edge),
            ("ROUNDEDCORNERS", [7] * 4),
            *_padding(13, 9),
        ]
    )
    return box


def _padding(side: float, ends: float) -> list[tuple[str, tuple[int, int], tuple[int, int], float]]:
    cells = (0, 0), (-1, -1)
    sides = [(f"{edge}PADDING", *cells, side) for edge in ("LEFT", "RIGHT")]
    return sides + [(f"{edge}PADDING", *cells, ends) for edge in ("TOP", "BOTTOM")]


class _Badge(Flowable):
    """A tip's number in a disc; `size` is that of the body type, in points."""

    def __init__(self, number: str, size: float) -> None:
        super().__init__()
        self.number, self.size = number, size
        self.width = self.height = size * 1.9

    def draw(self) -> None:
        """Called by reportlab, the origin at the lower left."""
        radius = self.width / 2
        self.canv.setFillColor(_TEAL)
        self.canv.circle(radius, radius, radius, stroke=0, fill=1)
        self.canv.setFillColor(white)
        self.canv.setFont("Body-Bold", self.size * 1.25)
        self.canv.drawCentredString(radius, radius - self.size * 0.42, self.number)


def _title(tree: Node) -> str:
    return next((_plain(node) for node in tree.children if node.tag == "h1"), "")


def _plain(node: Node) -> str:
    return "".join(leaf.content for leaf in node.walk() if leaf.type == "text")


def _inline(node: Node) -> str:
    """The words under `node` in reportlab's own little markup."""
    if node.type == "text":
        return escape(node.content, quote=False)
    if node.type in ("softbreak", "hardbreak"):
        return " "
    inner = "".join(map(_inline, node.children))
    mark = {"strong": "b", "em": "i"}.get(node.type)
    return f"<{mark}>{inner}</{mark}>" if mark else inner
