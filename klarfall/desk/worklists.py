"""The work lists: which requests each holds, and how many, capped, in one query for all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User
from klarfall.billing.models import TimeEntry
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.core.prepared import prepared
from klarfall.desk.service_time import ServiceTime
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.knowledge.models import ProblemTicket
from klarfall.telephony.models import CallbackWish
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.models import ConsultantRequest, HandoverStatus, Objection, Ticket, TrainingRequest

#: Counters stop here and show "99+": counting further would grow with the table.
MOST = 99


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf and when a list is asked for."""

    user: User
    now: datetime
    service_time: ServiceTime

    def asks(self, *names: str) -> dict[str, Any]:
        """The values of these names, as lists ask for them (`WorkList.asks`)."""
        limits = self.service_time.limits()
        known = {
            "person": self.user.pk,
            "limits": list(limits.values()),
            "latest": max(limits.values(), default=self.now),
        }
        return {name: known[name] for name in names}

    @property
    def calendars(self) -> tuple[int, ...]:
        """The calendars to which the limits belong."""
        return tuple(self.service_time.limits())


Calendars = tuple[int, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list of requests. `empty` says what will appear there and when.

    Its rows are described once for all pages (`core.prepared`): they depend on nothing but the values in `asks`.
    """

    slug: str
    title: str | Promise
    icon: str
    rows: Callable[[Calendars, Values], QuerySet[Any]]
    empty: str | Promise
    #: What the rows depend on: `person`, the `limits` per calendar and the `latest` of them.
    asks: tuple[str, ...] = ()
    #: Red figure: these want somebody now.
    hot: bool = False
    #: Shows below its own rows those that wait for the customer.
    with_waiting: bool = False
    #: Stands in the navigation only while there is something in it.
    only_filled: bool = False


def _second_reviews(_calendars: Calendars, _values: Values) -> QuerySet[Any]:
    open_ones = Objection.objects.filter(reviewed_at__isnull=True).values("ticket_id")
    return Ticket.objects.filter(pk__in=open_ones)


def _in_danger(calendars: Calendars, values: Values) -> QuerySet[Any]:
    # A house that is being set up has no hours yet; the latest limit must be asked for all the same (`prepared`).
    due = Q(pk__in=[]) if calendars else Q(pk=0)
    for calendar, limit in zip(calendars, values["limits"], strict=True):
        due |= Q(calendar_id=calendar, queue_at__lt=limit)
    return Ticket.objects.live().filter(due, queue_at__lt=values["latest"], due_at__isnull=False)


def _to_check() -> QuerySet[Any]:
    return ProblemTicket.objects.filter(to_check=True).values("ticket_id")


MINE = (
    WorkList(
        "to-assess",
        _("To be assessed"),
        "inbox",
        lambda _calendars, _values: Ticket.objects.to_assess(),
        _("Nothing to assess. New requests appear here, the next deadline first."),
        with_waiting=True,
    ),
    WorkList(
        "mine",
        _("Assigned to me"),
        "person",
        lambda _calendars, values: Ticket.objects.assigned_to(values["person"]),
        _("Nothing is assigned to you. Whatever you take over stands here until it is solved."),
        asks=("person",),
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
        asks=("limits", "latest"),
        hot=True,
    ),
    WorkList(
        "decision-open",
        _("Decision open"),
        "chat",
        lambda _calendars, _values: Ticket.objects.waiting_for_decision(),
        _("No cost notice waits for an answer."),
    ),
    WorkList(
        "question-asked",
        _("Question asked"),
        "question",
        lambda _calendars, _values: Ticket.objects.waiting_for_customer(),
        _("No question waits for an answer."),
    ),
    WorkList(
        "in-progress",
        _("In progress"),
        "timer",
        lambda _calendars, _values: Ticket.objects.in_progress(),
        _("Nothing is being worked on."),
    ),
    WorkList(
        "problem-fixed",
        _("Known problem fixed"),
        "check",
        lambda _calendars, _values: Ticket.objects.live().filter(pk__in=_to_check()),
        _("No request waits for a look after a fix. When a known problem is fixed, its open requests appear here."),
        only_filled=True,
    ),
    WorkList(
        "all-open",
        _("All open ones"),
        "merge",
        lambda _calendars, _values: Ticket.objects.live(),
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


def rows_of(work: WorkList, scope: Scope) -> QuerySet[Any]:
    """The requests of a list, to be narrowed further."""
    return work.rows(scope.calendars, scope.asks(*work.asks))


def overview(scope: Scope) -> dict[str, Any]:
    """The capped counters of all lists and the person's running timer, in one query.

    Keys: the slugs of the lists, `consulting`, `training`, `callbacks` (open), `callbacks-due`, `inbox`, `failed` and
    `timer` (None without one).
    """
    (found,) = _counted(scope.calendars, **scope.asks("person", "limits", "latest"), now=scope.now)
    timer = found.pop("timer")
    if timer:
        timer["since"] = datetime.fromisoformat(timer["since"])
        timer["url"] = f"{reverse('desk:ticket', args=[timer['number']])}?concern={timer['position']}#timer"
        timer["state_url"] = reverse("desk:timer-state")
    return {key.replace("_", "-"): value for key, value in found.items()} | {"timer": timer}


@prepared
def _counted(
    calendars: Calendars, *, person: int, limits: list[datetime], latest: datetime, now: datetime
) -> QuerySet[Any]:
    values = {"person": person, "limits": limits, "latest": latest}
    counts: dict[str, Any] = {
        slug.replace("-", "_"): _CappedCount(one.rows(calendars, values)) for slug, one in LISTS.items()
    }
    counts["consulting"] = _CappedCount(ConsultantRequest.objects.filter(OPEN_HANDOVERS))
    counts["training"] = _CappedCount(TrainingRequest.objects.filter(OPEN_HANDOVERS))
    counts["inbox"] = _CappedCount(IncomingMail.objects.filter(outcome=Outcome.QUARANTINE))
    counts["callbacks"] = _CappedCount(CallbackWish.objects.filter(status=CallbackStatus.OPEN))
    counts["callbacks_due"] = _CappedCount(CallbackWish.objects.filter(status=CallbackStatus.OPEN, due_at__lte=now))
    counts["failed"] = _CappedCount(Notice.objects.filter(status=NoticeStatus.FAILED))
    running = TimeEntry.objects.filter(agent=person, raw_end__isnull=True).values(
        found=JSONObject(
            id="pk",
            ticket="ticket_id",
            number="ticket__number",
            concern="concern_id",
            position="concern__position",
            purpose="purpose",
            since="raw_start",
        )
    )
    counts["timer"] = Subquery(running[:1])
    return User.objects.filter(pk=person).values(**counts)
