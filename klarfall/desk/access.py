"""Pages of the desk that only some roles may open; for everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase

from klarfall.accounts import permissions
from klarfall.accounts.access import GUARDED

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def needs(permission: str) -> Callable[[View[P]], View[P]]:
    """Answer 404 unless the signed-in person holds `permission`; actions ask for their own once more."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not permissions.may(permission, request.user):
                raise Http404
            return view(request, *args, **kwargs)

        setattr(guarded, GUARDED, True)
        return guarded

    return guard


def for_all_staff(view: View[P]) -> View[P]:
    """Mark a view without customers' data, so that editors reach it who are nothing else."""
    setattr(view, GUARDED, True)
    return view
