"""Files to download that show how a table has to look: headings, a line that explains each, an example."""

from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from klarfall.core.spreadsheets import csv_bytes
from klarfall.transfer.imports.cells import EMPTY_IT
from klarfall.transfer.imports.columns import COLUMNS, Column
from klarfall.transfer.reading.tables import REMARK

#: A list of words in Excel has at most so many signs.
_MOST_LIST = 255
_ROWS_WITH_LISTS = 5_000
_WIDTH = 24


def csv_template(kind: str, language: str) -> bytes:
    """Headings, a remark that explains each column, and an example, itself a remark that imports pass over."""
    columns = COLUMNS[kind]
    with override(language):
        about = [explained(one, language) for one in columns]
    example = [_example(one, language) for one in columns]
    lines = [[f"{REMARK} {line[0]}", *line[1:]] for line in (about, example)]
    return csv_bytes([one.heading(language) for one in columns], lines)


def xlsx_template(kind: str, language: str) -> bytes:
    """A sheet with the headings and an example, and a second one that explains the columns."""
    columns = COLUMNS[kind]
    book = Workbook()
    sheet: Worksheet = book.active
    with override(language):
        sheet.title = _("Table")
        _fill(sheet, columns, language)
        _explain(book.create_sheet(_("Columns")), columns, language)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def explained(column: Column, language: str) -> str:
    """What a column means, whether it is needed, and which words may stand there, in one sentence."""
    need = _("needed") if column.needed else _("needed for something new") if column.first else ""
    words = ", ".join(column.choices(language))
    return "; ".join(part for part in (str(column.about), need, words) if part)


def _example(column: Column, language: str) -> str:
    if column.words and language != "de":
        chosen = column.words.get(column.example)
        return next((word for word, code in reversed(list(column.words.items())) if code == chosen), "")
    return column.example


def _fill(sheet: Worksheet, columns: tuple[Column, ...], language: str) -> None:
    sheet.append([one.heading(language) for one in columns])
    examples = [_example(one, language) for one in columns]
    sheet.append([f"{REMARK} {examples[0]}", *examples[1:]])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[letter].width = _WIDTH
        for cell in (f"{letter}{row}" for row in range(2, 4)):
            sheet[cell].number_format = "@"
        words = ",".join(column.choices(language))
        if column.words and not column.is_list and len(words) < _MOST_LIST:
            choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
            choice.add(f"{letter}2:{letter}{_ROWS_WITH_LISTS}")
            sheet.add_data_validation(choice)


def _explain(sheet: Worksheet, columns: tuple[Column, ...], language: str) -> None:
    sheet.append([_("Column"), _("Meaning"), _("Needed"), _("Possible words"), _("Example")])
    for column in columns:
        need = _("always") if column.needed else _("for something new") if column.first else _("no")
        words = ", ".join(column.choices(language))
        sheet.append([column.heading(language), str(column.about), need, words, _example(column, language)])
    sheet.append([])
    sheet.append([_("An empty cell leaves what is there as it is.")])
    sheet.append([_("A cell with nothing but “%(sign)s” empties it.") % {"sign": EMPTY_IT}])
    sheet.append([_("Lines that begin with “%(sign)s” are remarks.") % {"sign": REMARK}])
    for letter, width in zip("ABCDE", (26, 60, 22, 50, 34), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=cell.row <= len(columns) + 1, vertical="top")
            cell.font = Font(bold=cell.row == 1)
