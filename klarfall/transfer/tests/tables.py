"""Makes tables for tests, as CSV and XLSX."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from django.utils import translation

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.transfer.actions import imports
from klarfall.transfer.models import ImportRun
from tests.cast import berlin
from tests.queue import run_jobs

NOW = berlin("2026-11-24 10:00")


def as_csv(*rows, encoding="utf-8-sig", separator=";", end="\r\n"):
    """A CSV file of rows of texts, every cell quoted where it must be."""

    def cell(text):
        risky = any(sign in text for sign in (separator, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if risky else text

    return BytesIO(end.join(separator.join(map(cell, row)) for row in (*rows, [])).encode(encoding))


def as_xlsx(*rows, more=None):
    """An XLSX file as a spreadsheet program writes it; `more` may change the workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if more:
        more(book)
    file = BytesIO()
    book.save(file)
    return file


def with_part(file, name, content):
    """The XLSX file with one part replaced or added."""
    target = BytesIO()
    with ZipFile(file) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return target


def taken_in(kind, file, actor, *, now=NOW):
    """Upload a table and let the worker check it."""
    size = len(file.getvalue())
    with translation.override("en"):
        run = imports.take_in(kind=kind, file=file, name="table.csv", size=size, actor=actor, now=now)
    run_jobs(imports.CHECK)
    return fresh(run)


def imported(kind, file, actor, *, now=NOW):
    """Upload a table, let the worker check it, and import it if there is anything to import."""
    run = taken_in(kind, file, actor, now=now)
    assert run.stage == "checked", run.problem
    if run.added or run.changed:
        with translation.override("en"):
            imports.confirm(run, actor=actor, now=now)
        run_jobs(imports.WRITE)
    return fresh(run)


def fresh(run):
    with viewing_as(SYSTEM):
        return ImportRun.objects.get(pk=run.pk)


def counts(run):
    return {name: getattr(run, name) for name in ("added", "changed", "unchanged", "skipped")}


def problems(run):
    """Line, column and reason of every skipped row."""
    with viewing_as(SYSTEM):
        return [(one.line, one.column, one.reason) for one in run.problems.all()]
