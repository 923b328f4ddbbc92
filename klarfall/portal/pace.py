"""How often somebody may ask the help for something: visitors by their network, everybody else by themselves."""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, allows, neighbourhood
from klarfall.core.action import Refused
from klarfall.core.isolation import NOBODY, viewing_as

_VOTES = Limit("help-votes", 60, timedelta(minutes=1))


class TooFast(Refused):
    """More in a minute than a hand can do."""

    code = "too_fast"

    def __init__(self) -> None:
        super().__init__(_("That was a lot at once. Please wait a minute and go on then."))


def within(request: HttpRequest, visitors: Limit, people: Limit, *, now: datetime) -> bool:
    """Count one look; False when it was one too many. The limit of `people` is far above what a hand can do.

    Visitors are counted in the database, for all processes together. People who are signed in are known, and looks of
    theirs must not wait for a counter: each process counts them for itself.
    """
    if request.user.pk is None:
        return allows(visitors, neighbourhood(client_address(request)), now=now)
    key = f"pace.{people.name}.{request.user.pk}.{people.window(now).timestamp():.0f}"
    cache.add(key, 0, people.span.total_seconds())
    try:
        return int(cache.incr(key)) <= people.most
    except ValueError:  # the cache was emptied in between
        return True


def may_again(request: HttpRequest, limit: Limit, *, now: datetime) -> bool:
    """Count something that somebody signed in does, for all processes together; False when it was one too many."""
    with viewing_as(NOBODY):  # counters are kept with the login role
        return allows(limit, f"user {request.user.pk}", now=now)


def count_vote(request: HttpRequest, now: datetime) -> None:
    """Count an answer to *Did this help?*. Raises TooFast."""
    if not may_again(request, _VOTES, now=now):
        raise TooFast
