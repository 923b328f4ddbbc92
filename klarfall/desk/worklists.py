"""The work lists: which requests each holds, and how many, capped, in one query for all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User
from klarfall.billing.models import TimeEntry
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.desk.service_time import ServiceTime
from klarfall.tickets.models import ConsultantRequest, HandoverStatus, Objection, Ticket, TrainingRequest

#: Counters stop here and show "99+": counting further would grow with the table.
MOST = 99


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf and when a list is asked for."""

    user: User
    now: datetime
    service_time: ServiceTime


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list of requests. `empty` says what will appear there and when."""

    slug: str
    title: str | Promise
    icon: str
    rows: Callable[[Scope], QuerySet[Any]]
    empty: str | Promise
    #: Red figure: these want somebody now.
    hot: bool = False
    #: Shows below its own rows those that wait for the customer.
    with_waiting: bool = False


def _second_reviews(_scope: Scope) -> QuerySet[Any]:
    open_ones = Objection.objects.filter(reviewed_at__isnull=True).values("ticket_id")
    return Ticket.objects.filter(pk__in=open_ones)


def _in_danger(scope: Scope) -> QuerySet[Any]:
    return Ticket.objects.live().filter(scope.service_time.in_danger(), due_at__isnull=False)


MINE = (
    WorkList(
        "to-assess",
        _("To be assessed"),
        "inbox",
        lambda _scope: Ticket.objects.to_assess(),
        _("Nothing to assess. New requests appear here, the next deadline first."),
        with_waiting=True,
    ),
    WorkList(
        "mine",
        _("Assigned to me"),
        "person",
        lambda scope: Ticket.objects.assigned_to(scope.user),
        _("Nothing is assigned to you. Whatever you take over stands here until it is solved."),
    ),
    WorkList(
        "second-reviews",
        _("Second reviews"),
        "scales",
        _second_reviews,
        _("No second review is open. When somebody sees an assessment differently, the request appears here."),
    ),
)
TEAM = (
    WorkList(
        "in-danger",
        _("Deadline in danger"),
        "alert",
        _in_danger,
        _("No deadline is in danger. Requests appear here half an hour of service time before they are due."),
        hot=True,
    ),
    WorkList(
        "decision-open",
        _("Decision open"),
        "chat",
        lambda _scope: Ticket.objects.waiting_for_decision(),
        _("No cost notice waits for an answer."),
    ),
    WorkList(
        "question-asked",
        _("Question asked"),
        "question",
        lambda _scope: Ticket.objects.waiting_for_customer(),
        _("No question waits for an answer."),
    ),
    WorkList(
        "in-progress",
        _("In progress"),
        "timer",
        lambda _scope: Ticket.objects.in_progress(),
        _("Nothing is being worked on."),
    ),
    WorkList(
        "all-open",
        _("All open ones"),
        "merge",
        lambda _scope: Ticket.objects.live(),
        _("No request is open."),
    ),
)
LISTS = {one.slug: one for one in (*MINE, *TEAM)}


class _CappedCount(Subquery):
    """The number of rows of a subquery that ends after MOST + 1 of them."""

    template = "(SELECT count(*) FROM (%(subquery)s) capped)"
    output_field = models.IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values_list(Value(1))[: MOST + 1])


OPEN_HANDOVERS = Q(status__in=[HandoverStatus.REQUESTED, HandoverStatus.FORWARDED, HandoverStatus.SCHEDULED])


def overview(scope: Scope) -> dict[str, Any]:
    """The capped counters of all lists and the person's running timer, in one query.

    Keys: the slugs of the lists, `consulting`, `training`, `failed` and `timer` (None without one).
    """
    counts: dict[str, Any] = {slug.replace("-", "_"): _CappedCount(one.rows(scope)) for slug, one in LISTS.items()}
    counts["consulting"] = _CappedCount(ConsultantRequest.objects.filter(OPEN_HANDOVERS))
    counts["training"] = _CappedCount(TrainingRequest.objects.filter(OPEN_HANDOVERS))
    counts["failed"] = _CappedCount(Notice.objects.filter(status=NoticeStatus.FAILED))
    running = TimeEntry.objects.filter(agent=scope.user, raw_end__isnull=True).values(
        found=JSONObject(
            id="pk",
            ticket="ticket_id",
            number="ticket__number",
            concern="concern_id",
            purpose="purpose",
            since="raw_start",
        )
    )
    counts["timer"] = Subquery(running[:1])
    found: dict[str, Any] = User.objects.filter(pk=scope.user.pk).values(**counts).get()  # type: ignore[assignment]
    timer = found.pop("timer")
    if timer:
        timer["since"] = datetime.fromisoformat(timer["since"])
    return {key.replace("_", "-"): value for key, value in found.items()} | {"timer": timer}
