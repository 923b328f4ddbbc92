"""Tables from outside: every common form is read, hostile ones are refused in words, in little time and memory."""

import tracemalloc
from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klarfall.transfer.reading import lines, xlsx_table
from klarfall.transfer.reading.lines import Unreadable
from klarfall.transfer.reading.tables import open_table
from klarfall.transfer.tests.tables import as_csv, as_xlsx, with_part

_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD = ["Kundennummer", "Name", "Ort"]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def read(file):
    table = open_table(file)
    return [table.heading.cells, *((line.number, line.cells) for line in table.lines)]


def sheet(rows):
    return f'<?xml version="1.0"?><worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>'


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_csv_is_read_in_every_common_form(separator, encoding, end):
    rows = [HEAD, ["10023", "Müller & Söhne, „Bau“; KG" if encoding != "cp1252" else "Müller; Söhne, KG", "Köln"]]
    found = read(as_csv(*rows, encoding=encoding, separator=separator, end=end))
    assert found == [tuple(HEAD), (2, tuple(rows[1]))]


def test_lines_are_counted_as_the_spreadsheet_counts_them():
    file = BytesIO(b'sep=;\r\nA;B\r\n"1\r\n2";x\r\n;;\r\n# remark;y\r\n3;z\r\n')
    assert read(file) == [("A", "B"), (3, ("1\n2", "x")), (7, ("3", "z"))]


def test_xlsx_gives_texts_as_people_see_them():
    rows = [10023, "  Müller ", date(2026, 11, 24), 49.9, True, "=1+1", datetime(2026, 1, 2)]
    file = as_xlsx(["A", "B", "C", "D", "E", "F", "G"], rows)
    with pytest.raises(Unreadable, match=r"formula without a value"):
        read(file)
    file = as_xlsx(["A", "B", "C", "D", "E", "F"], [*rows[:5], "'=1+1"], [None] * 3, [None, "x"])
    assert read(file) == [
        ("A", "B", "C", "D", "E", "F"),
        (2, ("10023", "Müller", "2026-11-24", "49.9", "TRUE", "'=1+1")),
        (4, ("", "x")),
    ]


def test_the_first_visible_sheet_counts():
    def more(book):
        book.active.sheet_state = "hidden"
        book.create_sheet("Liste").append(["A"])

    assert read(as_xlsx(["nicht gemeint"], more=more)) == [("A",)]


def test_stored_values_of_formulas_and_rich_texts_count():
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>Kunden</t></r><r><t>nummer</t></r><rPh><t>x</t></rPh></is></c>'
        '<c r="B1" t="str"><f>A1&amp;"!"</f><v>Name</v></c><c r="C1" t="str"><f>IF(1,"")</f><v></v></c></row>'
    )
    assert read(with_part(as_xlsx(["x"]), _SHEET, sheet(rows))) == [("Kundennummer", "Name")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old, protected"),
        (b"%PDF-1.7 \n", "old, protected"),
        (b"PK\x03\x04 nothing follows", "damaged"),
        (b"a;b\n\x00\x01\x02;\x81", "no text"),
        (b'a;b\n1;"' + b"x;\n" * 60_000, "quotation mark"),
        (b"x" * 2_000_000, "no lines"),
        (b"a;b\n" + b";".join([b"1"] * 400), "columns"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content, words):
    with pytest.raises(Unreadable, match=words):
        read(BytesIO(content))


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY x "aaaaaaaaaa"><!ENTITY y "&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]>',
    ],
)
@pytest.mark.parametrize("part", [_SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
def test_document_type_definitions_are_refused(declared, part):
    with pytest.raises(Unreadable, match="entities"):
        read(with_part(as_xlsx(HEAD), part, f'<?xml version="1.0"?>{declared}<a>&x;</a>'))


def test_an_archive_that_unpacks_to_gigabytes_is_refused_early():
    bomb = sheet('<row r="1">' + " " * (xlsx_table.MAX_UNPACKED + 1) + "</row>")
    file = with_part(as_xlsx(HEAD), _SHEET, bomb)
    del bomb
    assert len(file.getvalue()) < 2_000_000
    tracemalloc.start()
    with pytest.raises(Unreadable, match="MB"):
        read(file)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_archive_that_lies_about_its_size_is_stopped_while_reading(monkeypatch):
    monkeypatch.setattr(xlsx_table, "_check", lambda _archive: None)
    monkeypatch.setattr(xlsx_table, "MAX_UNPACKED", 1_000_000)
    file = with_part(as_xlsx(HEAD), _SHEET, sheet('<row r="1">' + " " * 3_000_000 + "</row>"))
    with pytest.raises(Unreadable, match="MB"):
        read(file)


def test_a_million_empty_rows_cost_little():
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
    rows += "".join(f'<row r="{number}" s="1"><c r="A{number}" s="1"/></row>' for number in range(2, 1_000_001))
    rows += '<row r="1000001"><c r="A1000001" t="inlineStr"><is><t>Acme</t></is></c></row>'
    file = with_part(as_xlsx(HEAD), _SHEET, sheet(rows))
    del rows
    tracemalloc.start()
    assert read(file) == [("Name",), (1_000_001, ("Acme",))]
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "columns"),
        ('<row r="1048577"><c><v>1</v></c></row>', "more rows"),
        ('<row r="1"><c t="s"><v>99</v></c></row>', "damaged"),
        ('<row r="1"><c><v>one</v></c></row>', "damaged"),
        ('<row r="1"><c t="inlineStr"><is><t>' + "x" * 20_000 + "</t></is></c></row>", "signs"),
        ('<row r="1"><c><v>1</v></row>', "damaged"),
    ],
)
def test_sheets_that_no_program_writes_are_refused(rows, words):
    with pytest.raises(Unreadable, match=words):
        read(with_part(as_xlsx(HEAD), _SHEET, sheet(rows)))


def test_links_to_the_outside_are_not_followed():
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" TargetMode="External" Target="file:///etc/passwd"/></Relationships>'
    )
    with pytest.raises(Unreadable, match="damaged"):
        read(with_part(as_xlsx(HEAD), "xl/_rels/workbook.xml.rels", relations))


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr("klarfall.transfer.reading.tables.MAX_LINES", 3)
    assert len(read(as_csv(HEAD, *[["1", "", ""]] * 3))) == 4
    with pytest.raises(Unreadable, match=r"more than"):
        read(as_csv(HEAD, *[["1", "", ""]] * 4))


@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"A;B\n", b"\xff\xfe", b"sep=,\n"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_a_table_or_refused(content, head):
    try:
        found = read(BytesIO(head + content))
    except Unreadable:
        return
    assert all(len(cell) <= lines.MAX_CELL for cell in found[0])


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_xlsx_is_a_table_or_refused(data):
    whole = as_xlsx(HEAD, ["1", "x", "y"]).getvalue()
    target = BytesIO()
    with ZipFile(BytesIO(whole)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = bytearray(old.read(part))
            if part.filename.startswith("xl/") and data.draw(st.booleans()):
                place = data.draw(st.integers(0, len(content) - 1))
                content[place : place + 3] = data.draw(st.binary(max_size=6))
            new.writestr(part.filename, bytes(content))
    try:
        read(target)
    except Unreadable:
        return
