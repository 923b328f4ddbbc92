"""`python -m bench.imports [ROWS]`: check and import so many customers and contacts, from CSV and XLSX, then once more.

Every step runs in a process of its own against an embedded PostgreSQL of its own, through the functions that the
worker calls: CPU seconds of both, seconds by the clock, peak memory of the process. Fails when a step takes more memory
than MOST_MIB: an import keeps the keys of its rows, not the rows.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from bench.meter import yardstick
from bench.runs import NOW, measured

ROOT = Path(__file__).resolve().parent.parent
MOST_MIB = 350
#: Step -> table, form of the file, and whether it is imported or only checked.
STEPS = {
    "check customers, CSV": ("customers", "csv", False),
    "import customers": ("customers", "csv", True),
    "check contacts, XLSX": ("contacts", "xlsx", False),
    "check contacts, CSV": ("contacts", "csv", False),
    "import contacts": ("contacts", "csv", True),
    "check contacts again": ("contacts", "csv", False),
    "export the house": ("", "", True),
}


def main() -> int:
    """Measure, print the table, write figures-imports.json; 1 when a step needs too much memory."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=50_000)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(_step(options.step, options.rows)))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    results = _measure(options.rows, options.out / "imports")
    (options.out / "figures-imports.json").write_text(json.dumps(results, indent=1))
    print(table(options.rows, results))
    return 1 if any(one["peak_mib"] > MOST_MIB for one in results["steps"].values()) else 0


def table(rows: int, results: dict[str, Any]) -> str:
    """All steps as a Markdown table."""
    lines = [
        f"| step, {rows:,} rows | seconds | CPU s (worker + database) | rows/s | peak MiB |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, one in results["steps"].items():
        whole = one["app_s"] + one["database_s"]
        lines.append(
            f"| {name} | {one['wall_s']:.0f} | {whole:.0f} ({one['app_s']:.0f} + {one['database_s']:.0f}) "
            f"| {one['per_second']:,} | {one['peak_mib']} |"
        )
    return "\n".join([*lines, "", f"Yardstick {results['yardstick_ms']} ms."])


def _measure(rows: int, folder: Path) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    environment |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings"}
    found: dict[str, Any] = {"yardstick_ms": yardstick(), "steps": {}}
    try:
        for step in ("prepare", *STEPS):
            command = [sys.executable, "-m", "bench.imports", str(rows), "--step", step]
            done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            if step != "prepare":
                found["steps"][step] = json.loads(done.stdout.splitlines()[-1])
                print(f"  {step}: {found['steps'][step]}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _step(name: str, rows: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings

    with settings.CLUSTER.in_use():
        postmaster = int((settings.CLUSTER.postgres_dir / "postmaster.pid").read_text().split()[0])
        if name == "prepare":
            return _prepare(rows)
        return measured(_work(*STEPS[name]), rows, postmaster)


def _prepare(rows: int) -> dict[str, Any]:
    """An empty house with an administrator, and the files."""
    from django.conf import settings
    from django.core.management import call_command

    from klarfall.accounts.models import Kind, User
    from klarfall.core.isolation import SYSTEM, viewing_as

    call_command("migrate", verbosity=0)
    with viewing_as(SYSTEM):
        User.objects.create_user("a@bench.example", name="A", kind=Kind.STAFF, staff_roles=["administrator"])
    for kind, form in {(kind, form) for kind, form, _writing in STEPS.values() if kind}:
        content = _csv(kind, rows) if form == "csv" else _xlsx(kind, rows)
        (settings.DATA_DIR / f"{kind}.{form}").write_bytes(content)
    return {}


def _cells(kind: str, rows: int) -> Any:
    yield {
        "customers": ["Kundennummer", "Name", "E-Mail-Domains", "Straße", "PLZ", "Ort", "AVV", "AVV vom"],
        "contacts": ["Kundennummer", "E-Mail", "Name", "Telefon", "Rollen", "Sicht"],
    }[kind]
    for n in range(rows):
        if kind == "customers":
            street, code = f"Straße {n}", f"{n % 89_999 + 10_000}"
            yield [f"{n + 10_000}", f"Hausverwaltung {n}", f"k{n}.example", street, code, "Ort", f"A-{n}", "01.02.2024"]
        else:
            yield [f"{n + 10_000}", f"p{n}@k{n}.example", f"Person {n}", f"+49 30 {n}", "Anfragen, Rechnungen", "alle"]


def _csv(kind: str, rows: int) -> bytes:
    return "\r\n".join(";".join(row) for row in _cells(kind, rows)).encode()


def _xlsx(kind: str, rows: int) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in _cells(kind, rows):
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _work(kind: str, form: str, writing: bool) -> Any:
    """The step as the worker does it."""
    from django.conf import settings

    from klarfall.accounts.models import User
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.transfer.actions import imports
    from klarfall.transfer.exports.archive import write_archive
    from klarfall.transfer.imports import running

    if not kind:
        return lambda: _written(write_archive, settings.DATA_DIR / "house.zip")
    with viewing_as(SYSTEM):
        actor = User.objects.get(email="a@bench.example")
    path = settings.DATA_DIR / f"{kind}.{form}"
    with path.open("rb") as file:
        run = imports.take_in(kind=kind, file=file, name=path.name, size=path.stat().st_size, actor=actor, now=NOW)
    if not writing:
        return lambda: running.check(run.pk, "de", now=NOW)
    running.check(run.pk, "de", now=NOW)
    imports.confirm(_fresh(run), actor=actor, now=NOW)
    return lambda: running.write(run.pk, actor.pk, "de", now=NOW)


def _written(write: Any, path: Path) -> None:
    with path.open("wb") as target:
        write(target, now=NOW, tell=lambda _done, _total: None)


def _fresh(run: Any) -> Any:
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.transfer.models import ImportRun

    with viewing_as(SYSTEM):
        return ImportRun.objects.get(pk=run.pk)


if __name__ == "__main__":
    sys.exit(main())
