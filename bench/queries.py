"""What a page asks the database: counted, timed bare, and explained."""

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.meter import cpu_seconds, tree
from klarfall.core.isolation import viewer_for, viewing_as

#: How statements begin that open session, user and scope; the budget of a page is counted beside them.
_OVERHEAD = (
    'SELECT "django_session"',
    'SELECT "accounts_user"."id", "accounts_user"."password"',
    "SELECT * FROM klarfall_seats",
    "SELECT set_config",
    "SAVEPOINT",
    "RELEASE",
    "SET CONSTRAINTS",
    "BEGIN",
    "COMMIT",
)


@dataclass
class Asked:
    """The statements of one page."""

    count: int
    statements: list[str] = field(default_factory=list)


def asked_by(user: Any, path: str) -> Asked:
    """The statements that a page runs beside session, user and scope, as the product runs them."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get(path)  # fill caches of vendor and calendars
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    own = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(_OVERHEAD)]
    return Asked(len(own), own)


def bare(user: Any, statements: list[str], today: Any, database: int, repeats: int = 100) -> tuple[float, float]:
    """Milliseconds (wall, database CPU) of the bare statements of a page in their scope."""
    readable = [s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))]
    begun, cpu = time.perf_counter(), cpu_seconds(tree(database))
    for _ in range(repeats):
        with viewing_as(viewer_for(user, today)), connection.cursor() as cursor:
            for statement in readable:
                cursor.execute(statement.replace("%", "%%"), [])
                cursor.fetchall()
    wall = (time.perf_counter() - begun) / repeats * 1000
    return round(wall, 2), round((cpu_seconds(tree(database)) - cpu) / repeats * 1000, 2)


def plans(user: Any, statements: list[str], today: Any) -> list[str]:
    """The plan of every statement, and an exception where a large table is read from end to end."""
    found = []
    with viewing_as(viewer_for(user, today)), connection.cursor() as cursor:
        for statement in statements:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement.replace("%", "%%"), [])
                found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found


#: Tables that grow with the number of tickets: no page may read them from end to end.
LARGE = (
    "tickets_ticket", "tickets_concern", "tickets_message", "tickets_sealedtext", "tickets_ticketevent",
    "tickets_assessment", "billing_costoffer", "billing_customerdecision", "billing_timeentry", "customers_customer",
    "customers_contact",
)  # fmt: skip


def sequential_scans(found: list[str]) -> list[str]:
    """The large tables that some plan reads sequentially."""
    return sorted({table for plan in found for table in LARGE if f"Seq Scan on {table}" in plan})
