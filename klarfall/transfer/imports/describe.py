"""The page of the documentation about imports, made from the columns themselves; a test compares them."""

from django.utils.translation import override

from klarfall.transfer.imports.columns import COLUMNS, Column
from klarfall.transfer.models import ImportKind
from klarfall.transfer.reading.lines import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_LINES
from klarfall.transfer.reading.xlsx_table import MAX_UNPACKED

_KEYS = {
    ImportKind.CUSTOMERS: "customer number",
    ImportKind.CONTACTS: "customer number + e-mail",
    ImportKind.CONTRACTS: "contract number; its lines: contract number + product",
    ImportKind.VERSIONS: "customer number + product + first day",
}

_HEAD = f"""# Importing tables

The columns below are written by `manage.py import_docs` from `klarfall/transfer/imports/columns.py`.

Leads and administrators take in customers, contacts, contracts and installed versions at the desk under *Import*:
choose what the table holds, have it checked, look at what would happen, confirm. Templates (XLSX and CSV) with all
columns are on the same page; *Full export* gives the same tables with what is in the house.

- **Forms**: CSV in UTF-8 (with or without mark), UTF-16 with mark or Windows-1252, with semicolon, comma or tab; XLSX,
  of which the first visible sheet is read. At most {MAX_BYTES >> 20} MB, {MAX_LINES:,} lines, {MAX_COLUMNS} columns, \
{MAX_CELL:,} signs a cell;
  an XLSX has at most {MAX_UNPACKED >> 20} MB unpacked. Formulas count with the value that the spreadsheet program
  stored and are never computed; links, macros and entities are not read.
- **Heading**: German, English or the short name in the first line, in any order, case and spelling of umlauts.
  A column that is not known is named and not read; one that is needed and missing is a reason to refuse the table.
- **Order**: customers, contacts, contracts, versions; each finds what it refers to.
- **Cells**: an empty one leaves things as they are. `-` empties it. Lines that begin with `#` are remarks. Days
  are `24.11.2026` or `2026-11-24`; amounts `1.500,00` or `1500.00`; `ja`/`nein`, `yes`/`no`; lists with commas.
- **Dry run**: how many rows are new, changed, unchanged and skipped; every skipped row with line, column, value and
  reason, on the page and as CSV. The rules are those of the pages. Nothing is changed by it.
- **Import**: in chunks of 500 rows, a transaction each. A worker that dies leaves whole chunks, and the next one goes
  on behind them. Each row is judged once more. Nothing is ever deleted. One entry in the audit trail has the counts.
- **Again**: the same table a second time changes nothing. Rows are found by their key (below).
- **People**: an address that is known stays the same person, also with several customers; staff is refused. Nobody is
  written to; the button on the page of the import invites whom it brought, in batches, each person once. Cost release
  of somebody who has an account is changed on their page, because they must be told.
- **Postal codes** of four digits get back the zero that spreadsheets take away, in Germany.

The uploaded file is removed when the import has ended or was discarded, after 14 days without a decision, too;
skipped rows are forgotten after 90 days.
"""


def as_markdown() -> str:
    """The page."""
    with override("en"):
        return "\n".join([_HEAD, *(_section(kind) for kind in ImportKind.values)])


def _section(kind: str) -> str:
    lines = [
        f"## {ImportKind(kind).label}",
        "",
        f"Found again by: {_KEYS[ImportKind(kind)]}.",
        "",
        "| German | English | short | needed | meaning | words |",
        "|---|---|---|---|---|---|",
        *(_line(one) for one in COLUMNS[kind]),
        "",
    ]
    return "\n".join(lines)


def _line(column: Column) -> str:
    need = "always" if column.needed else "for something new" if column.first else ""
    words = ", ".join(dict.fromkeys([*column.choices("de"), *column.choices("en")]))
    return f"| {column.de} | {column.en} | `{column.name}` | {need} | {column.about} | {words} |"
