"""Refused decisions: each with a code, words for the person, and a row that survives the rollback (INV-5)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer, DecisionAttempt
from klarfall.core.action import Refused, action

P = ParamSpec("P")
R = TypeVar("R")


class DecisionRefused(Refused):
    """A decision without effect; nothing was changed, the attempt is logged.

    `code` says why: staff, foreign, inactive, no_role, not_visible, not_named, over_limit, decided, withdrawn,
    late, wrong_text, stopped, finished, cap_not_listed, cap_not_lower, no_proof, wrong_code, code_over.
    """

    def __init__(self, code: str, message: Any, *, field: str | None = None, **data: Any) -> None:
        super().__init__(message, field=field)
        self.code = code
        self.data = data


def logs_refusals(kind: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Log every refusal of an action on an offer, outside of what the refusal rolls back.

    Stands above `@action`: the action's savepoint is gone when the attempt is written, and the request commits it.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except Refused as refused:
                given: dict[str, Any] = dict(kwargs)
                _log(args[0], kind=kind, refused=refused, given=given, actor=given["actor"], now=given["now"])
                raise

        return run

    return decorate


@action
def _log(offer: Any, *, kind: str, refused: Refused, given: dict[str, Any], actor: Any, now: datetime) -> None:
    row = CostOffer.objects.get(pk=offer.pk)
    DecisionAttempt.objects.create(
        customer_id=row.customer_id,
        ticket_id=row.ticket_id,
        offer=row,
        actor=actor,
        kind=kind,
        reason=refused.code[:40],
        data=_data(given) | getattr(refused, "data", {}),
        at=now,
    )


def _data(given: dict[str, Any]) -> dict[str, Any]:
    """What was tried: codes and figures, never texts or codes typed."""
    cap, contact = given.get("cap"), given.get("contact")
    found: dict[str, Any] = {"channel": str(given.get("channel", ""))[:14]}
    if isinstance(cap, Caps):
        found["cap"] = {"minutes": cap.minutes, "net": None if cap.net is None else str(cap.net)}
    if "text_hash" in given:
        found["text_hash"] = str(given["text_hash"])[:64]
    if contact is not None:
        found["contact"] = contact.pk
    return found
