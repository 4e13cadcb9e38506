"""Labels on Avery 5160 sheets."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from pypdf import PdfReader

from service import tongue
from service.console.labels import HEIGHT, LEFT, PITCH, TOP, label_sheet, packing_slips
from tests.console.brackets import compiled


def test_labels_start_where_the_sheet_is_not_used_yet() -> None:
    addresses = [[f"Patient {number}", "1 Oak Lane", "Warsaw, VA 22572"] for number in range(4)]
    first, second = PdfReader(BytesIO(label_sheet(addresses, start=28))).pages
    assert "Patient 2" in first.extract_text()
    assert second.extract_text().count("Patient") == 1


def test_every_label_stands_inside_its_own_on_avery_5160() -> None:
    found: dict[str, tuple[float, float]] = {}

    def place(text: str, _cm: object, at: Sequence[float], *_: object) -> None:
        if text.strip():
            found[text.strip()] = (at[4], at[5])

    sheet = label_sheet([[f"N{number}", "1 Oak Lane", "Warsaw, VA"] for number in range(30)])
    PdfReader(BytesIO(sheet)).pages[0].extract_text(visitor_text=place)
    for number in range(30):
        row, column = divmod(number, 3)
        x, y = found[f"N{number}"]
        left, top = LEFT + column * PITCH, 792 - TOP - row * HEIGHT
        assert left < x < left + PITCH, number
        assert top - HEIGHT < y < top, number


def test_the_longest_name_and_street_stand_on_the_label_whole() -> None:
    name = "Bartholomew Featherstonehaugh-Montgomery and Family III"
    street = "12345 Old Northumberland Courthouse Highway Extension North Building C Apartment 1204"
    (page,) = PdfReader(
        BytesIO(label_sheet([[name, street, "c/o The Old Rectory", "Heathsville, VA 22473"]]))
    ).pages
    low: list[float] = []
    page.extract_text(
        visitor_text=lambda text, _cm, at, *_: low.append(at[5]) if text.strip() else None
    )
    words = page.extract_text().split()
    assert words == [
        *name.split(),
        *street.split(),
        *["c/o", "The", "Old", "Rectory", "Heathsville,", "VA", "22473"],
    ]
    assert min(low) > 792 - TOP - HEIGHT


def test_a_packing_slip_speaks_with_whoever_packs(tmp_path: Path) -> None:
    """Its words are for staff; the address is not translated."""
    french = Catalog(locale="fr")
    french.add("Packing slip", "Bordereau d’expédition")
    french.add("%(number)d of %(count)d", "%(number)d sur %(count)d")
    french.add("Label and stamps", "L’étiquette et les timbres")
    packages = [(["Ann Walker", "1 Oak Lane", "Warsaw, VA 22572"], "es")] * 3
    try:
        tongue.speak("fr", compiled(french, tmp_path, "fr"))
        pages = PdfReader(BytesIO(packing_slips(packages))).pages
    finally:
        tongue.speak("en")
    said = "\n".join(page.extract_text() for page in pages)
    assert said.count("Bordereau d’expédition") == said.count("L’étiquette et les timbres") == 3
    assert "3 sur 3" in said
    assert "Ann Walker" in said
