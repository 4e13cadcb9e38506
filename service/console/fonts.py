"""The typeface of what is printed: Source Sans Pro (SIL Open Font License), with every Spanish letter."""

from importlib import resources
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "Label"
BOLD: Final = "Label-Bold"


def register_fonts() -> None:
    """Make the fonts known to the PDF library, once."""
    if REGULAR in pdfmetrics.getRegisteredFontNames():
        return
    files = resources.files("font_source_sans_pro") / "files"
    for cut, name in (("Regular", REGULAR), ("Bold", BOLD)):
        with resources.as_file(files / f"SourceSansPro-{cut}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, path))
