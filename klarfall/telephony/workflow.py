"""How a wish to be called back moves from state to state: the table and its one `apply`."""

from datetime import datetime
from typing import Any

from klarfall.accounts import permissions
from klarfall.core.machines import register
from klarfall.core.workflow import Machine, move, row
from klarfall.customers.models import contact_of
from klarfall.telephony.models import CallbackWish
from klarfall.telephony.status import CallbackStatus as S

CALLBACK = register(
    Machine(
        "telephony.CallbackWish",
        frozenset({S.OPEN.value}),
        {
            "complete": row(S.OPEN, S.DONE, "callback.handle"),
            # The last of several attempts found nobody.
            "miss": row(S.OPEN, S.MISSED, "callback.handle"),
            "cancel": row(S.OPEN, S.CANCELLED, "callback.request"),
        },
    )
)


def apply(wish: CallbackWish, name: str, *, actor: Any, now: datetime, **fields: Any) -> None:
    """Move a locked wish along one row of CALLBACK; nothing else sets its status."""
    permissions.require(CALLBACK.transitions[name].permission, actor, contact_of(actor, wish.customer_id))
    move(CALLBACK, wish, name, ended_at=now, **fields)
