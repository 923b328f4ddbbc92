"""Known problems above pages: who sees which, which of them somebody has put away, and requests that hang on them.

What was put away stands in a cookie, so that it works for visitors and without scripts; a new state shows it again.
"""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from klarfall.core.action import Refused
from klarfall.knowledge.actions.affected import attach_ticket
from klarfall.knowledge.models import KnownProblem
from klarfall.knowledge.problems import Seen, banners
from klarfall.knowledge.status import ProblemStatus
from klarfall.portal.shell import is_staff
from klarfall.portal.typed import whole_number
from klarfall.tickets.models import Ticket

_COOKIE = "problems_away"
_ENTRY = re.compile(r"([1-9][0-9]{0,8})-([a-z]{1,10})")
_MOST, _MOST_TICKED = 40, 5
_DAYS = 60


def banners_for(
    request: HttpRequest, now: datetime, *, product_id: int | None = None, area_id: int | None = None
) -> list[Seen]:
    """What stands above a page of this reader, in one query; staff looks after problems at the desk."""
    if is_staff(request):
        return []
    return banners(now, product_id=product_id, area_id=area_id, hidden=_away(request))


def put_away(request: HttpRequest, response: HttpResponse, problem: KnownProblem) -> None:
    """Show no banner of this problem to this browser until its state changes."""
    kept = [one for one in _away(request) if one[0] != problem.pk][-_MOST + 1 :]
    value = ".".join(f"{pk}-{state}" for pk, state in [*kept, (problem.pk, problem.status)])
    response.set_cookie(
        _COOKIE, value, max_age=_DAYS * 86400, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def _away(request: HttpRequest) -> list[tuple[int, str]]:
    """Problem and state in which it was put away; whatever else stands in the cookie is nothing."""
    found = (_ENTRY.fullmatch(one) for one in request.COOKIES.get(_COOKIE, "").split(".")[:_MOST])
    return [(int(one[1]), one[2]) for one in found if one and one[2] in ProblemStatus.values]


def back_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours from which a button was pressed."""
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith("/") and not asked.startswith("/account/") else otherwise


def hang_on(request: HttpRequest, ticket: Ticket, now: datetime) -> None:
    """Let a request that was just sent hang on the problems ticked in its form; it is sent whatever comes of that."""
    actor: Any = request.user
    ticked = [whole_number(text) for text in request.POST.getlist("problem")[:_MOST_TICKED]]
    for problem in KnownProblem.objects.filter(pk__in=[pk for pk in ticked if pk is not None]) if any(ticked) else ():
        try:
            attach_ticket(problem, ticket=ticket, actor=actor, now=now)
        except Refused:  # closed or of another company's product meanwhile
            continue
