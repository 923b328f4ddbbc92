"""Measure one size: build the corpus if it is not there, serve the real application, ask it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

WORKERS = 2  # as `manage.py serve` starts them on two cores


def main(size: int, out: Path) -> None:
    """Write the figures of one size as JSON; DATA_DIR has been set by the caller."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    import django

    django.setup()
    from django.conf import settings

    with settings.CLUSTER.in_use():
        prepare(size)
        out.write_text(json.dumps(_measured(size), indent=1, ensure_ascii=False))


def _say(text: str) -> None:
    print(f"  {text} ...", file=sys.stderr, flush=True)


def prepare(size: int, until: str = "") -> None:
    """Migrate, and fill the corpus if it is not there; `until`: the last step of it that is needed."""
    import psycopg
    from django.conf import settings
    from django.core.management import call_command

    from bench import base, corpus

    _say("migrating")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ids = base.seed()
    cluster = settings.CLUSTER
    with psycopg.connect(
        host=str(cluster.socket_dir),
        user="postgres",
        password=cluster.secret("superuser"),
        dbname=settings.DATABASE["NAME"],
        autocommit=True,
    ) as superuser:
        (there,) = superuser.execute("SELECT count(*) FROM customers_customer").fetchone() or (0,)
        if not there:
            corpus.fill(superuser, size, ids, _say, until)


@contextmanager
def served() -> Iterator[tuple[int, int, int]]:
    """The real application with its workers: its port, its process and that of the database."""
    from django.conf import settings

    port = int(os.environ["PORT"])
    app = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", str(WORKERS), "--blocking-threads", "1", "--no-ws", "--http", "1", "--log-level", "error"),
            "klarfall.config.wsgi:application",
        ],
        env=os.environ | {"DATABASE_POOL": "yes"},
    )
    try:
        _wait(port)
        yield port, app.pid, int((settings.CLUSTER.postgres_dir / "postmaster.pid").read_text().split()[0])
    finally:
        app.terminate()
        app.wait(20)


def _measured(size: int) -> dict[str, Any]:
    from bench import corpus, pages
    from bench.meter import memory_mib, tree, yardstick

    with served() as (port, app, database):
        staff_numbers, portal_numbers, product = _numbers(size)
        shown = pages.pages(staff_numbers, portal_numbers, product, corpus.FIRST)
        before = yardstick()
        figures = {one.name: page(one, port, app, database) for one in shown}
        return {
            "size": size,
            "yardstick_ms": [before, yardstick()],
            "memory_mib": memory_mib(tree(app)),
            "pages": figures,
            **_database(staff_numbers, portal_numbers, database),
        }


def page(one: Any, port: int, app: int, database: int) -> dict[str, Any]:
    """The figures of one page: one visitor, then two at once."""
    from bench.meter import Browser, Visit, measure
    from bench.pages import browser_for, people

    _say(one.name)
    browsers = [Browser(port) if one.as_staff is None else browser_for(port, people()[one.as_staff]) for _ in range(2)]
    visits: list[Visit] = [partial(one.visit, browser) for browser in browsers]
    sample = measure(visits, one.count, app, database)
    return asdict(sample) | {"cpu_ms": sample.cpu_ms}


def _numbers(size: int) -> tuple[list[int], list[int], int]:
    """Ticket numbers all over the corpus for staff, those of one customer for the portal."""
    from bench import corpus
    from klarfall.contracts.models import Product
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.tickets.models import Ticket

    with viewing_as(SYSTEM):
        step = size // 200 + 1  # odd, so that tickets of every state are visited
        staff = [100_000 + n for n in range(1, size + 1, step)]
        rows = Ticket.objects.filter(customer_id=corpus.FIRST).order_by("-id")
        portal = list(rows.values_list("number", flat=True)[:50])
        return staff, portal, Product.objects.get(code="powerhaus").pk


def _database(staff_numbers: list[int], portal_numbers: list[int], database: int) -> dict[str, Any]:
    from django.urls import reverse
    from django.utils import timezone

    from bench import queries
    from bench.pages import people

    asked: dict[str, Any] = {}
    explained: dict[str, Any] = {}
    for name, staff, path in (
        ("queue", True, reverse("desk:list", args=["all-open"])),
        ("ticket page", True, reverse("desk:ticket", args=[staff_numbers[len(staff_numbers) // 2]])),
        ("desk search, common word", True, reverse("desk:search") + "?q=Rechnung"),
        ("desk search, rare word", True, reverse("desk:search") + "?q=Zaunk%C3%B6nig"),
        ("desk search, no hit", True, reverse("desk:search") + "?q=xyzzy"),
        ("portal list", False, reverse("portal:requests")),
        ("portal ticket", False, reverse("portal:ticket", args=[portal_numbers[0]])),
    ):
        user = people()[staff]
        found = queries.asked_by(user, path)
        wall, cpu = queries.bare(user, found.statements, timezone.localdate(), database)
        plans = queries.plans(user, found.statements, timezone.localdate())
        asked[name] = {"queries": found.count, "bare_ms": wall, "bare_database_ms": cpu}
        explained[name] = {"sequential_scans": queries.sequential_scans(plans), "plans": plans}
    return {"asked": asked, "explained": explained}


def _wait(port: int) -> None:
    from bench.meter import Browser

    for _ in range(1_200):
        try:
            Browser(port).get("/bench/empty/")
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
