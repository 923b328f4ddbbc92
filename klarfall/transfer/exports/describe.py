"""What is in an export, in words: for the README of the archive and for docs/export.md."""

from klarfall.transfer.exports.tables import FILES, LEFT_OUT, TABLES, ExportTable

_FORM = """Every table is a CSV file in `tables/`: UTF-8 with mark, semicolons, CRLF, one row per record, by `id`.
Instants are UTC (`2026-11-24T08:00:00+00:00`), days `2026-11-24`, numbers have a point, truth values are `true` or
`false`, lists and objects are JSON. Nothing is an empty cell. A text that a spreadsheet program could take for a
formula has an apostrophe before it. Columns that end in `_id` refer to the `id` of another table.

`files/` holds attachments and documents; `tables/files.csv` says which record each belongs to, under which name and
with which SHA-256. `SHA256SUMS` lists every file of the archive: `sha256sum -c SHA256SUMS`.
"""


def as_markdown() -> str:
    """The page of the documentation."""
    parts = [
        "# The full export",
        "",
        "Written by `manage.py export_house --docs` from `klarfall/transfer/exports/tables.py`; a test compares them.",
        "",
        "The export is an archive (ZIP): an administrator begins it at the desk under *Full export*, or"
        " `manage.py export_house PATH` writes it. All of it shows one moment of the database. The archive of the desk"
        " is removed after 7 days; every download stands in the audit trail.",
        "",
        _FORM,
        "## Tables",
        "",
        "| file | what a row is | columns |",
        "|---|---|---|",
        *(f"| `{one.name}.csv` | {_about(one)} | {', '.join(one.columns)} |" for one in TABLES),
        "",
        "## Files",
        "",
        *(f"- `files/{one.folder}/`: named by `{one.key}` of {one.label.partition('.')[2]}" for one in FILES),
        "",
        "## What is left out",
        "",
        "Password hashes, hashes of tokens and codes, and:",
        "",
        *(f"- {name}: {reason}" for name, reason in LEFT_OUT.items()),
        "",
    ]
    return "\n".join(parts)


def readme(*, house: str, made: str, rows: dict[str, int], faults: list[str]) -> str:
    """The README of an archive, with the number of rows of each table and what is wrong with its files."""
    lines = [f"Full export of {house}", f"Made {made} (UTC)", "", _FORM, "Tables:"]
    lines += [f"- {one.name}.csv: {rows.get(one.name, 0)} rows: {', '.join(one.columns)}" for one in TABLES]
    lines += ["", "Left out are password hashes, hashes of tokens and codes, and:"]
    lines += [f"- {name}: {reason}" for name, reason in LEFT_OUT.items()]
    if faults:
        lines += ["", "Files that are missing or are not what was stored:", *(f"- {one}" for one in faults)]
    return "\r\n".join("\r\n".join(lines).splitlines()) + "\r\n"


def _about(table: ExportTable) -> str:
    return " ".join((table.model.__doc__ or "").split("\n\n")[0].split()).split(":")[0].rstrip(".")
