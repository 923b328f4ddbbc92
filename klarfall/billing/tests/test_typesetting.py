"""The PDFs are tagged and of the promised standard, the same every time, and nothing typed becomes markup."""

from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.billing import typefaces, typesetting
from klarfall.billing.typesetting import NotTypeset, typeset

_TEMPLATE = """
#import "look.typ": *
#let data = json(bytes(sys.inputs.data))
#show: sheet.with(data.document)
= #data.document.title
#data.text
#listing(columns: (1fr, auto), align: (left, right), header: ("Was", "Betrag"), rows: data.rows)
#facts((("Nummer", data.text),))
#verdict("chargeable", "Kostenpflichtig", data.text)
#sums((("netto", "165,00 €"), ("brutto", "196,35 €")))
"""


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory):
    """A template of its own beside a copy of the look."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "look.typ").write_bytes((typesetting.DOCUMENTS / "look.typ").read_bytes())
    (folder / "sample.typ").write_text(_TEMPLATE)
    real, typesetting.DOCUMENTS = typesetting.DOCUMENTS, folder
    yield
    typesetting.DOCUMENTS = real


def _data(text: str, rows: int = 2) -> dict:
    document = {"title": "Muster", "author": "Nordstern", "language": "de", "at": [2026, 11, 24, 9, 0, 0]}
    document |= {"vendor": "Nordstern", "running": text, "page_of": "Seite {page} von {pages}", "note": text}
    return {"document": document, "text": text, "rows": [[text, "1,00 €"]] * rows}


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize(("standard", "mark"), [("ua-1", "<pdfuaid:part>1<"), ("a-3b", "<pdfaid:part>3<")])
def test_the_pdf_is_tagged_and_says_which_standard_it_follows(standard, mark):
    pdf = pypdf.PdfReader(BytesIO(typeset("sample", _data("Text"), standard=standard)))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    metadata = root["/Metadata"].get_data().decode()
    assert mark in metadata
    assert "Muster" in metadata
    assert {"/H1", "/Table", "/TH", "/TD"} <= _tags(root["/StructTreeRoot"])


def _tags(node) -> set[str]:
    """Every kind of structure element below a node."""
    node = node.get_object()
    if isinstance(node, pypdf.generic.ArrayObject):
        return set().union(*(_tags(child) for child in node))
    if not isinstance(node, pypdf.generic.DictionaryObject):
        return set()
    below = _tags(node["/K"]) if "/K" in node else set()
    return below | ({node["/S"]} if "/S" in node else set())


def test_the_same_data_give_the_same_bytes():
    assert typeset("sample", _data("Text"), standard="a-3b") == typeset("sample", _data("Text"), standard="a-3b")


def test_long_tables_count_their_pages_and_repeat_the_header():
    text = _text(typeset("sample", _data("Zeile", rows=120), standard="ua-1"))
    assert "Seite 1 von 4" in text
    assert "Seite 4 von 4" in text
    assert text.count("Was Betrag") == 3  # the fourth page has the sums alone


def test_what_people_type_stays_text():
    typed = '#strong[laut] *fett* $x^2$ @ref <b>HTML</b> \\ // #import "look.typ" #read("/etc/hostname")'
    assert typed in _text(typeset("sample", _data(typed), standard="ua-1")).replace("\n", " ")


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_no_text_stops_a_document(typed):
    for standard in ("ua-1", "a-3b"):
        assert typeset("sample", _data(typed), standard=standard).startswith(b"%PDF-1.7")


def test_every_character_that_counts_as_known_can_be_set():
    known = " ".join(map(chr, sorted(typefaces._characters())))
    assert typeset("sample", _data(known), standard="ua-1").startswith(b"%PDF")


def test_a_character_without_a_shape_leaves_a_box():
    assert typefaces.shown("Müller 👍 → 12 €") == "Müller □ → 12 €"


@pytest.mark.parametrize("name", ["../look", "/etc/passwd", "", "no_such_template"])
def test_only_templates_of_ours(name):
    with pytest.raises(NotTypeset):
        typeset(name, _data("Text"), standard="ua-1")


def test_templates_hold_no_words_and_fetch_nothing():
    folder = Path(typesetting.__file__).parent / "documents"
    for path in folder.glob("*.typ"):
        source = path.read_text()
        assert "@preview" not in source
        assert "http" not in source
