"""`make bench [SIZES="10000 100000"]`: all sizes, then one table and one JSON file."""

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"queue": 8.0, "ticket page": 6.0, "submit": 10.0}  # CPU ms at 1,000,000 tickets
GROWTH = 1.3
QUERIES = 8


def main() -> int:
    """Measure every size in a process and a database of its own; returns 1 when a guard fails."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=_sizes_from_environment())
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    results = [_measure(size, options.out) for size in sorted(options.sizes)]
    (options.out / "figures.json").write_text(json.dumps(results, indent=1, ensure_ascii=False))
    print(table(results))
    print(f"\nEverything, with plans: {options.out / 'figures.json'}")
    scans = [(r["size"], name, e["sequential_scans"]) for r in results for name, e in r["explained"].items()]
    bad = [scan for scan in scans if scan[2]]
    for size, name, tables in bad:
        print(f"{name} at {size:,} tickets reads from end to end: {', '.join(tables)}")
    many = [(r["size"], name) for r in results for name, asked in r["asked"].items() if asked["queries"] > QUERIES]
    for size, name in many:
        print(f"{name} at {size:,} tickets asks more than {QUERIES} times")
    return 1 if bad or many else 0


def _sizes_from_environment() -> list[int]:
    return [int(word.replace("_", "")) for word in os.environ.get("SIZES", "10000 100000").split()]


def _measure(size: int, out: Path) -> dict[str, Any]:
    print(f"{size:,} tickets", file=sys.stderr)
    figures = out / f"{size}.json"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    environment |= {"DATA_DIR": str(out / str(size)), "PORT": str(port)}
    subprocess.run(
        [sys.executable, "-m", "bench.one_size", str(size), str(figures)], env=environment, cwd=ROOT, check=True
    )
    loaded: dict[str, Any] = json.loads(figures.read_text())
    return loaded


def table(results: list[dict[str, Any]]) -> str:
    """All sizes as one Markdown table, with the growth from the smallest and the goals beside it."""
    lines = [
        "| page | tickets | CPU ms (app + database) | growth | p50 ms | p95 ms | requests/s, two at once | kB |"
        " queries | bare queries, CPU ms |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in results[0]["pages"]:
        for result in results:
            lines.append(_line(name, result, results[0]))
    memory = ", ".join(f"{r['memory_mib']} MiB at {r['size']:,}" for r in results)
    yard = ", ".join(f"{r['yardstick_ms'][0]} and {r['yardstick_ms'][1]} ms at {r['size']:,}" for r in results)
    goals = ", ".join(f"{name} ≤ {goal:g} ms" for name, goal in GOALS.items())
    below = [
        f"Goals at 1,000,000: {goals}; growth ≤ {GROWTH}; at most {QUERIES} queries beside session, user and scope.",
        f"Memory of the application with its workers: {memory}.",
        f"Yardstick, a fixed piece of Python before and after: {yard}.",
    ]
    return "\n".join([*lines, "", *below])


def _line(name: str, result: dict[str, Any], smallest: dict[str, Any]) -> str:
    page, asked = result["pages"][name], result["asked"].get(name, {})
    growth = page["cpu_ms"] / (smallest["pages"][name]["cpu_ms"] or 1)
    return (
        f"| {name} | {result['size']:,} | {page['cpu_ms']} ({page['app_ms']} + {page['database_ms']}) | {growth:.2f} "
        f"| {page['p50_ms']} | {page['p95_ms']} | {page['per_second']} | {page['kilobytes']} "
        f"| {asked.get('queries', '–')} | {asked.get('bare_database_ms', '–')} |"
    )


if __name__ == "__main__":
    sys.exit(main())
