"""XLSX files whose packing is the attack."""

import io
import zipfile

import pytest

from klarfall.transfer.reading.lines import MAX_CELL, Unreadable
from klarfall.transfer.reading.xlsx_parts import Formats, SharedTexts
from klarfall.transfer.reading.xlsx_table import lines_of


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packing_than_that_of_spreadsheet_programs_is_not_unpacked(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 10_000_000)
    file.seek(0)
    with pytest.raises(Unreadable):
        list(lines_of(file))


def test_a_shared_text_is_no_longer_than_a_cell():
    texts = SharedTexts()
    texts.start("si", {})
    texts.start("t", {})
    for _piece in range(2):
        texts.text("x" * (MAX_CELL // 2))
    with pytest.raises(Unreadable):
        texts.text("x")


def test_of_a_format_only_as_much_is_read_as_spreadsheet_programs_write():
    formats = Formats()
    formats.start("cellXfs", {})
    for number, code in ((200, "yyyy"), (201, "#" * 300 + "yyyy")):
        formats.start("numFmt", {"formatCode": code, "numFmtId": str(number)})
        formats.start("xf", {"numFmtId": str(number)})
    assert formats.dates == {0}
