"""What the desk shows of known problems: the list with bounded figures, one with its people and requests, and which
requests may belong to it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from klarfall.accounts.access import is_only_editor
from klarfall.contracts.queries import local_day
from klarfall.knowledge.installed import installed_versions
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemStep, ProblemTicket
from klarfall.knowledge.problems import ranked_problems, similarity, troubling
from klarfall.knowledge.rendering import preview
from klarfall.knowledge.status import TROUBLING, ProblemStatus
from klarfall.tickets.models import Message, Ticket

#: Figures end here and show "99+"; lists end here and say so.
MOST, SHOWN = 99, 50
_LATELY, _COMPARED, _SUGGESTED, _ALIKE = timedelta(days=120), 200, 5, 4
_VERSIONS = ("affected_from", "affected_to", "fixed_in")


def listed(state: str, product_id: int | None) -> QuerySet[Any]:
    """Problems in a state ("" = those that trouble), with how many reports and requests each has, up to MOST + 1."""
    rows = KnownProblem.objects.select_related("product", "area", *_VERSIONS)
    if state != "all":
        rows = rows.filter(status__in=[state] if state else TROUBLING)
    if product_id is not None:
        rows = rows.filter(product=product_id)
    return rows.annotate(
        reports=ArraySubquery(ProblemReport.objects.filter(problem=OuterRef("pk")).values("pk")[: MOST + 1]),
        tickets=ArraySubquery(ProblemTicket.objects.filter(problem=OuterRef("pk")).values("pk")[: MOST + 1]),
    )


def counted(rows: Iterable[Any]) -> list[tuple[Any, str, str]]:
    """Rows of `listed` with their figures: `7`, `99+`."""
    return [(one, _capped(one.reports), _capped(one.tickets)) for one in rows]


def _capped(rows: list[Any]) -> str:
    return f"{MOST}+" if len(rows) > MOST else str(len(rows))


def about(problem: KnownProblem, user: Any, now: datetime) -> dict[str, Any]:
    """What stands on the page of a problem; who keeps the help and nothing else sees nothing of customers."""
    steps = ProblemStep.objects.filter(problem=problem).select_related("version", "actor").order_by("-pk")
    texts = {name: preview(getattr(problem, name), None) for name in ("symptoms", "workaround")}
    found: dict[str, Any] = {"steps": list(steps), **texts}
    if is_only_editor(user):
        return found
    links = ProblemTicket.objects.filter(problem=problem).select_related("ticket__customer", "ticket__contact__user")
    reports = ProblemReport.objects.filter(problem=problem).select_related("customer", "contact__user")
    hanging, said = list(links.order_by("-pk")[: SHOWN + 1]), list(reports.order_by("-pk")[: SHOWN + 1])
    customers = {one.customer_id for one in (*hanging, *said)}
    return found | {
        "customers_too": True,
        "links": hanging[:SHOWN],
        "more_links": len(hanging) > SHOWN,
        "reports": said[:SHOWN],
        "more_reports": len(said) > SHOWN,
        "installed": installed_versions(problem.product_id, customers, local_day(now)),
        "suggested": suggested_tickets(problem, now) if problem.status in TROUBLING else [],
    }


def suggested_tickets(problem: KnownProblem, now: datetime) -> list[Ticket]:
    """Open requests of the product (and area) that say what the problem says, most alike first; bounded."""
    hanging = ProblemTicket.objects.filter(problem=problem, ticket=OuterRef("pk"))
    rows = Ticket.objects.live().filter(product=problem.product_id, submitted_at__gt=now - _LATELY)
    if problem.area_id:
        rows = rows.filter(Q(area=problem.area_id) | Q(area__isnull=True))
    said = Message.objects.filter(ticket=OuterRef("pk"), from_customer=True).order_by("pk").values("sealed__text")
    rows = rows.exclude(Exists(hanging)).select_related("customer").annotate(first_words=Subquery(said[:1]))
    newest = rows.order_by("-pk")[:_COMPARED]
    scored = [(similarity(f"{one.title}\n{one.first_words or ''}", problem), one) for one in newest]
    alike = sorted((pair for pair in scored if pair[0] >= _ALIKE), key=lambda pair: (-pair[0], -pair[1].pk))
    return [one for _score, one in alike[:_SUGGESTED]]


def beside_ticket(ticket: Any, said: str) -> dict[str, Any]:
    """For the page of a request: the problems it hangs on, those it may belong to, and the others of its product.

    `ticket` was read with `links_column` as `problem_links`; `said`: what the customer wrote first.
    """
    hanging = {one["pk"] for one in ticket.problem_links}
    others = [one for one in troubling(ticket.product_id) if one.pk not in hanging] if ticket.is_live else []
    labels = dict(ProblemStatus.choices)
    return {
        "hung_on": [one | {"state": labels[one["status"]]} for one in ticket.problem_links],
        "may_hang_on": ranked_problems(f"{ticket.title}\n{said}", others, 2) if not hanging else [],
        "other_problems": others,
    }
