"""Figures for Prometheus: requests by the name of their page, and what the database knows. Never personal data.

Every web process counts for itself; where `serve` names a folder in PROMETHEUS_MULTIPROC_DIR, each writes its counters
there, and whichever process is asked adds them up.
"""

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import Error
from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from klarfall import __version__
from klarfall.channels import pace
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.incoming.models import IncomingMail, Mailbox, Outcome
from klarfall.operations import queue
from klarfall.operations.models import Backup
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE

_METHODS = {"GET", "HEAD", "POST"}
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_requests = Histogram(
    "klarfall_request_seconds",
    "Requests by page, method and kind of answer",
    ("page", "method", "status"),
    buckets=_BUCKETS,
    registry=None,
)


def observe(page: str, method: str, status: int, seconds: float) -> None:
    """Count one request; the labels are a few known words, whatever a visitor sends."""
    known = method if method in _METHODS else "other"
    _requests.labels(page, known, f"{status // 100}xx").observe(seconds)


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        registry.register(_requests)
    registry.register(_House())
    return generate_latest(registry)


class _House(Collector):
    """What the database knows at this moment; where it does not answer, only that."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("klarfall_info", "Version of Klarfall", {__version__: 1}, "version")
        try:
            with viewing_as(SYSTEM):
                found = list(_figures())
        except Error:
            yield GaugeMetricFamily("klarfall_database_up", "Does the database answer?", 0)
            return
        yield GaugeMetricFamily("klarfall_database_up", "Does the database answer?", 1)
        yield from found


def _figures() -> Iterator[Metric]:
    now = timezone.now()
    state = queue.look(now)
    yield _gauge("klarfall_jobs", "Jobs by state", state.by_status, "state")
    yield GaugeMetricFamily("klarfall_workers", "Job workers that are alive", state.workers)
    waits = (now - state.oldest).total_seconds() if state.oldest else 0.0
    yield GaugeMetricFamily("klarfall_job_wait_seconds", "How long the oldest due job has been waiting", max(waits, 0))
    for model, name, words in ((Notice, "klarfall_mails", "Mails by state"), (Ticket, "klarfall_tickets", "Requests")):
        rows = system_rows(model).values_list("status").annotate(count=Count("pk")).order_by()
        yield _gauge(name, words, dict(rows), "state")
    failing = pace.failing(now)
    seconds = (now - failing.since).total_seconds() if failing else 0.0
    yield GaugeMetricFamily("klarfall_mail_server_failing_seconds", "How long our mail server takes no mails", seconds)
    yield GaugeMetricFamily("klarfall_tickets_open", "Requests that still need somebody", _open_tickets())
    yield from _arriving()
    if last := Backup.objects.order_by("-finished_at").first():
        yield GaugeMetricFamily(
            "klarfall_last_backup_seconds", "When the last backup ended", last.finished_at.timestamp()
        )


def _arriving() -> Iterator[Metric]:
    """Mailboxes by their place in the setting: a label names nobody."""
    open_ = (Outcome.WAITING, Outcome.QUARANTINE)
    rows = system_rows(IncomingMail).filter(outcome__in=open_).values_list("outcome").annotate(count=Count("pk"))
    counts = {str(outcome): 0 for outcome in open_} | dict(rows.order_by())
    yield _gauge("klarfall_arrived_mails", "Arrived mails that wait for us, by state", counts, "state")
    if settings.MAIL_IN:
        looked = {row.name: int(row.looked_at.timestamp()) for row in Mailbox.objects.all() if row.looked_at}
        times = {str(place): looked.get(one.name, 0) for place, one in enumerate(settings.MAIL_IN, 1)}
        yield _gauge("klarfall_mailbox_looked_seconds", "When each mailbox was last looked at", times, "mailbox")


def _open_tickets() -> int:
    return int(system_rows(Ticket).filter(status__in=LIVE).count())


def _gauge(name: str, words: str, values: dict[str, int], label: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
