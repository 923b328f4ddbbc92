"""Let a colleague go: the timer stops, open requests go to somebody else, and the account ends."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.actions.staff import deactivate_staff
from klarfall.accounts.models import User
from klarfall.billing import timing
from klarfall.billing.capping import watch
from klarfall.billing.models import TimeEntry
from klarfall.billing.status import EntryStatus
from klarfall.core.action import Refused, action
from klarfall.tickets import conversation
from klarfall.tickets.events import record
from klarfall.tickets.locking import locked, locked_concern
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.progress import settle
from klarfall.tickets.status import LIVE


class LeaveRefused(Refused):
    """The person who should take over cannot; `field` is `to`."""

    code = "leave_refused"


@action
def leave(user: User, *, to: User | None, actor: Any, now: datetime) -> int:
    """Deactivate a colleague; their live requests go to `to`, None puts them back to everybody. Returns how many.

    A running timer ends now: minutes that nobody works must not run on. Raises NotAllowed, LeaveRefused or
    StaffRefused.
    """
    permissions.require("staff.change", actor)
    if to is not None and (to.pk == user.pk or not permissions.may("ticket.review", to)):
        raise LeaveRefused(_("Only a specialist can take over a request."), field="to")
    timing.wait_for_freezing()
    user = deactivate_staff(user, actor=actor, now=now)  # from here on the person is locked
    for entry in TimeEntry.objects.filter(agent=user, status=EntryStatus.RUNNING).order_by("pk"):
        _stop(entry, now)
    ids = list(Ticket.objects.filter(assignee=user, status__in=LIVE).order_by("pk").values_list("pk", flat=True))
    return sum(_hand_over(pk, user, to, actor, now) for pk in ids)


def _stop(entry: TimeEntry, now: datetime) -> None:
    """In the name of the system: administrators neither work on requests nor change recorded time."""
    system = User.objects.system()
    concern, ticket = locked_concern(Concern(pk=entry.concern_id, ticket_id=entry.ticket_id))
    timing.finish(entry, ticket=ticket, actor=system, now=now)
    watch(concern, ticket=ticket, actor=system, now=now)
    settle(ticket, actor=system, now=now)


def _hand_over(pk: int, user: User, to: User | None, actor: Any, now: datetime) -> int:
    ticket = locked(Ticket(pk=pk))
    if ticket.assignee_id != user.pk or not ticket.is_live:
        return 0
    conversation.save(ticket, {"assignee": to}, now=now)
    data = {"from": user.pk, "to": to.pk if to else None}
    record(ticket, "ticket.assigned", actor=actor, now=now, data=data, public=True)
    return 1
