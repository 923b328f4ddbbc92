"""How the queue stands: workers, what waits, what failed, by figures."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from klarfall.core.isolation import SYSTEM, viewing_as

#: A worker tells every ten seconds that it lives.
_ALIVE = timedelta(seconds=60)


@dataclass(frozen=True)
class QueueState:
    """Figures of one moment; `oldest` is since when the job that waits longest could have run."""

    workers: int
    oldest: datetime | None
    by_status: dict[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return self.by_status.get("todo", 0)

    @property
    def failed(self) -> int:
        return self.by_status.get("failed", 0)


def look(now: datetime) -> QueueState:
    """The queue at `now`. Opens its own scope; three statements."""
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [now - _ALIVE])
        (workers,) = cursor.fetchone()
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
        by_status = dict(cursor.fetchall())
        cursor.execute(
            "SELECT min(greatest(e.at, j.scheduled_at)) FROM procrastinate_jobs j JOIN procrastinate_events e"
            " ON e.job_id = j.id AND e.type = 'deferred' WHERE j.status = 'todo'"
            " AND coalesce(j.scheduled_at, %s) <= %s",
            [now, now],
        )
        (oldest,) = cursor.fetchone()
    return QueueState(workers, oldest, by_status)
