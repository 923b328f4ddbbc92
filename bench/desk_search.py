"""`python -m bench.desk_search [SIZES]`: what the search at the desk costs, and where: frame, Python, PostgreSQL.

Each size has a process and a database of its own, as far as the search reads it; the database of `python -m bench` is
taken where it is there, and another one is kept for the next time. For each kind of search:

- the whole page, served as in production, and the page on which nothing was sought yet (its frame);
- the search alone, called in this process: words, people, numbers, requests with their passages, no template.

CPU milliseconds of product and database, from /proc. Fails when the search alone for a common or rare word costs more
than its goal, or more than GROWTH times what it costs at the smallest size.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: CPU milliseconds of the search at 1,000,000 requests; of words that are neither common nor rare nothing was promised.
GOALS = {"common word": 15.0, "three common words": 15.0, "rare word": 10.0, "no hit": 10.0}
GROWTH = 1.3
#: Below this a difference is noise.
_NOISE = 1.0
_ROUNDS, _WARM = 200, 40
_FRAME = "nothing sought"
_LAST_STEP = "shared words"


def main() -> int:
    """Measure every size, print the table, write figures-desk-search.json; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk_search", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=_sizes_from_environment())
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(_inside(options.inside)))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    results = [_measure(size, options.out) for size in sorted(options.sizes)]
    (options.out / "figures-desk-search.json").write_text(json.dumps(results, indent=1, ensure_ascii=False))
    print(table(results))
    found = missed(results)
    print("\n".join(found))
    return 1 if found else 0


def table(results: list[dict[str, Any]]) -> str:
    """All searches at all sizes as a Markdown table; the growth is that of the whole page from the smallest size."""
    lines = [
        "| searched for | requests | whole page, CPU ms (app + database) | growth | beyond the frame |"
        " search alone (Python + PostgreSQL) | growth | statements | hits |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in results[0]["pages"]:
        for result in results:
            lines.append(_line(name, result, results[0]))
    yard = ", ".join(f"{one['yardstick_ms']} ms at {one['size']:,}" for one in results)
    empty = ", ".join(f"{one['empty']['cpu_ms']} ms at {one['size']:,}" for one in results)
    below = [
        f"Yardstick, a fixed piece of Python: {yard}. The empty view for somebody signed in: {empty}.",
        f"Goals of the search alone at 1,000,000: {', '.join(f'{name} {goal:g} ms' for name, goal in GOALS.items())};"
        f" growth at most {GROWTH}.",
    ]
    return "\n".join([*lines, "", *below])


def missed(results: list[dict[str, Any]]) -> list[str]:
    """What costs more than its goal, or grows."""
    found = []
    for result in results:
        for name, goal in GOALS.items():
            one = result["searches"][name]
            if one["cpu_ms"] > goal:
                found.append(f"{name} at {result['size']:,} requests: {one['cpu_ms']} ms")
            first = results[0]["searches"][name]["cpu_ms"]
            if one["cpu_ms"] > GROWTH * first and one["cpu_ms"] - first > _NOISE:
                found.append(f"{name} grows from {first} to {one['cpu_ms']} ms at {result['size']:,} requests")
    return found


def _line(name: str, result: dict[str, Any], smallest: dict[str, Any]) -> str:
    page, first = result["pages"][name], smallest["pages"][name]
    frame = result["pages"][_FRAME]["cpu_ms"]
    start = f"| {name} | {result['size']:,} | {page['cpu_ms']} ({page['app_ms']} + {page['database_ms']})"
    start += f" | {page['cpu_ms'] / first['cpu_ms']:.2f}"
    if name == _FRAME:
        return f"{start} | – | – | – | – | – |"
    one, before = result["searches"][name], smallest["searches"][name]
    return (
        f"{start} | {page['cpu_ms'] - frame:.1f} | {one['cpu_ms']} ({one['app_ms']} + {one['database_ms']})"
        f" | {one['cpu_ms'] / before['cpu_ms']:.2f} | {one['statements']} | {one['hits']} |"
    )


def _sizes_from_environment() -> list[int]:
    return [int(word.replace("_", "")) for word in os.environ.get("SIZES", "10000 100000").split()]


def _measure(size: int, out: Path) -> dict[str, Any]:
    print(f"{size:,} requests", file=sys.stderr)
    whole = out / str(size)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    environment |= {"DATA_DIR": str(whole if whole.exists() else out / f"desk-search-{size}"), "PORT": str(port)}
    environment |= {"DJANGO_SETTINGS_MODULE": "bench.settings"}
    command = [sys.executable, "-m", "bench.desk_search", "--inside", str(size)]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _inside(size: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings

    from bench import one_size
    from bench.meter import yardstick
    from bench.pages import SEARCHES

    with settings.CLUSTER.in_use():
        one_size.prepare(size, until=_LAST_STEP)
        before = yardstick()
        empty, pages = _pages(one_size)
        database = int((settings.CLUSTER.postgres_dir / "postmaster.pid").read_text().split()[0])
        searches = {name: _search(words, database) for name, words in SEARCHES}
        return {"size": size, "yardstick_ms": [before, yardstick()], "empty": empty} | {
            "pages": pages,
            "searches": searches,
        }


def _pages(one_size: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The empty view, and every page of the search, served as in production."""
    from django.urls import reverse

    from bench.pages import Page, fetch, pages

    empty = Page("empty view, signed in", True, fetch("/bench/empty/"), 500)
    frame = Page(_FRAME, True, fetch(reverse("desk:search")), 200)
    shown = [one for one in pages([0], [0], 0, 0) if one.name.startswith("desk search, ")]
    with one_size.served() as (port, app, database):
        first = one_size.page(empty, port, app, database)
        found = {
            one.name.removeprefix("desk search, "): one_size.page(one, port, app, database) for one in [frame, *shown]
        }
    return first, found


def _search(words: str, database: int) -> dict[str, Any]:
    """One search alone, as a specialist, each time in a scope of its own."""
    from django.utils import timezone, translation

    from bench.meter import cpu_seconds, tree
    from bench.pages import people
    from klarfall.core.isolation import viewer_for, viewing_as
    from klarfall.desk.ticket_search import search

    viewer = viewer_for(people()[True], timezone.localdate())

    def once() -> Any:
        with viewing_as(viewer, fresh=True):
            return search(words)

    translation.activate("de")
    for _ in range(_WARM):
        once()
    found, statements = _asked(once)
    app, spent = time.process_time(), cpu_seconds(tree(database))
    for _ in range(_ROUNDS):
        once()
    app_ms = (time.process_time() - app) * 1000 / _ROUNDS
    database_ms = (cpu_seconds(tree(database)) - spent) * 1000 / _ROUNDS
    return {
        "cpu_ms": round(app_ms + database_ms, 2),
        "app_ms": round(app_ms, 2),
        "database_ms": round(database_ms, 2),
        "statements": statements,
        "hits": len(found.exact.rows),
    }


def _asked(once: Callable[[], Any]) -> tuple[Any, int]:
    """What a search finds, and with how many statements beside that of its scope."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        found = once()
    own = [one["sql"] for one in asked.captured_queries if one["sql"].lstrip().upper().startswith(("WITH", "SELECT"))]
    return found, len([one for one in own if "set_config" not in one])


if __name__ == "__main__":
    sys.exit(main())
