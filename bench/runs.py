"""`python -m bench.runs [SIZES]`: preview, freeze, export and audit a run over so many concerns, four entries each.

Every step runs in a process of its own against an embedded PostgreSQL of its own: CPU seconds of both, peak memory of
the process. Fails when a concern costs more than GROWTH times what it costs at the smallest size, or memory grows so.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench.meter import cpu_seconds, tree, yardstick

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("preview", "freeze", "export", "audit")
GROWTH = 1.3


def main() -> int:
    """Measure every size, print the table, write figures-runs.json; 1 when a guard fails."""
    parser = argparse.ArgumentParser(prog="python -m bench.runs", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    results = [_measure(size, options.out / f"run-{size}") for size in sorted(options.sizes)]
    (options.out / "figures-runs.json").write_text(json.dumps(results, indent=1))
    print(table(results))
    grown = [
        f"{step} of {result['size']:,} concerns: {name} grew {growth:.2f} times"
        for result in results[1:]
        for step in STEPS
        for name, growth in _growth(result[step], results[0][step]).items()
        if growth > GROWTH
    ]
    print("\n".join(grown))
    return 1 if grown else 0


def _growth(step: dict[str, Any], smallest: dict[str, Any]) -> dict[str, float]:
    return {
        "CPU per concern": step["cpu_ms"] / smallest["cpu_ms"],
        "memory": step["peak_mib"] / smallest["peak_mib"],
    }


def table(results: list[dict[str, Any]]) -> str:
    """All sizes and steps as a Markdown table."""
    lines = [
        "| step | concerns | entries | CPU s (worker + database) | CPU ms a concern | growth | concerns/s | peak MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in STEPS:
        for result in results:
            step = result[name]
            lines.append(
                f"| {name} | {result['size']:,} | {result['entries']:,} | {step['app_s'] + step['database_s']:.0f} "
                f"({step['app_s']:.0f} + {step['database_s']:.0f}) | {step['cpu_ms']:.2f} "
                f"| {step['cpu_ms'] / results[0][name]['cpu_ms']:.2f} | {step['per_second']:.0f} | {step['peak_mib']} |"
            )
    told = ", ".join(f"{r['lines']:,} lines, {r['locks']:,} locks at {r['size']:,}" for r in results)
    return "\n".join([*lines, "", f"{told}. Yardstick {', '.join(str(r['yardstick_ms']) for r in results)} ms."])


def _measure(size: int, folder: Path) -> dict[str, Any]:
    """A fresh database, filled; then one process for each step."""
    print(f"{size:,} concerns", file=sys.stderr)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    environment |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings"}
    found: dict[str, Any] = {"yardstick_ms": yardstick()}
    try:
        for step in ("fill", *STEPS):
            command = [sys.executable, "-m", "bench.runs_step", step, str(size)]
            done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            answer = json.loads(done.stdout.splitlines()[-1])
            found |= answer if step == "fill" else {step: answer}
            print(f"  {step}: {answer}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found | {"lines": found["freeze"]["lines"], "locks": found["freeze"]["locks"]}


def measured(work: Any, size: int, postmaster: int) -> dict[str, Any]:
    """Run one step in this process and tell what it cost."""
    from django.db import connections

    database, wall = cpu_seconds(tree(postmaster)), time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    connections.close_all()
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - wall
    time.sleep(1)  # the server's process has ended then, and its time counts for its parent
    app = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    database = cpu_seconds(tree(postmaster)) - database
    return {
        "app_s": round(app, 2),
        "database_s": round(database, 2),
        "wall_s": round(wall, 1),
        "cpu_ms": round((app + database) / size * 1000, 3),
        "per_second": round(size / wall),
        "peak_mib": after.ru_maxrss // 1024,
    }


#: The month of the corpus, and the day on which it is billed.
STARTS, ENDS, NOW = date(2026, 9, 1), date(2026, 9, 30), datetime.fromisoformat("2026-10-02T10:00:00+02:00")

if __name__ == "__main__":
    sys.exit(main())
