"""@action: one verb, one transaction, full sight; and the refusals that actions raise."""

import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection

from klarfall.core.isolation import SYSTEM, viewing_as


class Refused(Exception):
    """An action cannot be done. Its text is for the user: what is wrong and what to do now."""

    code = "refused"

    def __init__(self, message: Any = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(Refused):
    """The actor lacks the permission for this action."""

    code = "not_allowed"


P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_log = logging.getLogger(__name__)

_depth: ContextVar[int] = ContextVar("klarfall_action_depth", default=0)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` as SYSTEM in one transaction (a savepoint inside a request).

    A refusal rolls back to the savepoint, so that the caller can still log it. When the
    outermost action ends, deferred constraints are checked at once: what is wrong fails here,
    with the page still able to say so. The keyword `actor` is what triggers see as the actor.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        actor = kwargs.get("actor")
        depth = _depth.get()
        token = _depth.set(depth + 1)
        try:
            with viewing_as(SYSTEM, actor_id=getattr(actor, "pk", None)):
                result = function(*args, **kwargs)
                if depth == 0:
                    _check_deferred_constraints()
                return result
        finally:
            _depth.reset(token)

    run.is_action = True  # type: ignore[attr-defined]
    return run


def each_by_itself(rows: Iterable[T], act: Callable[[T], Any]) -> int:
    """Call an action for every row, each in a savepoint of its own; returns how many were done.

    What the clock does for many must not stop at one: a row that is refused or fails is logged and left as it is.
    Called outside of actions, so that deferred constraints are checked row by row.
    """
    done = 0
    for row in rows:
        try:
            act(row)
        except Refused:
            _log.warning("%s could not be done for %s", act.__name__, row, exc_info=True)
        except Exception:
            _log.exception("%s failed for %s", act.__name__, row)
        else:
            done += 1
    return done


def _check_deferred_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
