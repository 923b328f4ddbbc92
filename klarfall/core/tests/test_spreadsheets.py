"""CSV for a German Excel: signs, commas, quotes, and no cell that becomes a formula."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest

from klarfall.core.spreadsheets import csv_bytes, written


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Decimal("1234.50"), "1234,50"),
        (Decimal("-12.30"), "-12,30"),
        (Decimal("1E+3"), "1000"),
        (-7, "-7"),
        (None, ""),
        (date(2026, 11, 4), "04.11.2026"),
        (datetime(2026, 11, 4, 8, 5, tzinfo=UTC), "04.11.2026 09:05"),
        ("Läuft ab Mittwoch", "Läuft ab Mittwoch"),
    ],
)
def test_a_cell_is_written_as_a_german_spreadsheet_reads_it(cell, text):
    assert written(cell) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "\u00a0=1", "＝1"]
)
def test_no_text_becomes_a_formula(text):
    assert written(text) == f"'{text}"


def test_a_truth_value_is_refused():
    with pytest.raises(TypeError, match="truth value"):
        written(True)


def test_the_file_comes_back_as_it_was():
    rows = [["KF-1; „sieben“", 'Sie sagte "ja"', "zwei\nZeilen"], ["", "ß€", "x"]]
    found = csv_bytes(["Anfrage", "Text", "=Spalte"], rows)
    assert found.startswith("\ufeffAnfrage;Text;'=Spalte\r\n".encode())
    read = list(csv.reader(StringIO(found.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read == [["Anfrage", "Text", "'=Spalte"], *rows]
    assert csv_bytes(["Anfrage", "Text", "=Spalte"], rows) == found
