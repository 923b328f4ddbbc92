"""How offers end, and what that leaves of their concern; steps that several actions share (domain.md, section 5).

All take fresh rows under the lock of the ticket.
"""

from datetime import datetime
from typing import Any

from klarfall.billing import workflow
from klarfall.billing.models import CostOffer
from klarfall.billing.status import EFFECTIVE, OPEN_OR_EFFECTIVE, OfferStatus
from klarfall.tickets.locking import next_fact
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import ConcernStatus
from klarfall.tickets.workflow import apply_concern


def end(offer: CostOffer, step: str, *, concern: Concern, ticket: Ticket, actor: Any, now: datetime) -> None:
    """End one offer by a row of its table: complete, stop or withdraw; the end is a fact of its concern."""
    fields = {"ended_at": now, "ended_fact": next_fact(concern)}
    workflow.apply(offer, step, ticket=ticket, actor=actor, now=now, **fields)


def withdraw_everything(concern: Concern, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Covered or not offered: nothing may be open or effective any more (INV-8)."""
    for offer in _offers(concern, OPEN_OR_EFFECTIVE):
        end(offer, "withdraw", concern=concern, ticket=ticket, actor=actor, now=now)


def end_running(concern: Concern, step: str, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """End the accepted offers by `step` (complete or stop) and withdraw those still sent."""
    for offer in _offers(concern, EFFECTIVE):
        end(offer, step, concern=concern, ticket=ticket, actor=actor, now=now)
    withdraw_sent(concern, ticket=ticket, actor=actor, now=now)


def withdraw_sent(
    concern: Concern, *, unlike: CostOffer | None = None, ticket: Ticket, actor: Any, now: datetime
) -> None:
    """Withdraw offers that wait for a decision; with `unlike` only those of another increment or minimum (rule 3)."""
    for offer in _offers(concern, (OfferStatus.SENT,)):
        if unlike is None or (offer.increment, offer.minimum) != (unlike.increment, unlike.minimum):
            end(offer, "withdraw", concern=concern, ticket=ticket, actor=actor, now=now)


def has_sent(concern: Concern) -> bool:
    """Does an offer of the concern wait for a decision?"""
    return CostOffer.objects.filter(concern=concern, status=OfferStatus.SENT).exists()


def leave_offered(concern: Concern, step: str, *, ticket: Ticket, actor: Any, now: datetime, **fields: Any) -> None:
    """After an offer ended undecided or declined: the concern follows by `step`, unless another offer waits.

    Of an extension only the offer changes: the concern stays commissioned.
    """
    if concern.status == ConcernStatus.OFFERED and not has_sent(concern):
        apply_concern(concern, step, ticket=ticket, actor=actor, now=now, **fields)
    elif fields:
        _save(concern, **fields)
    mark_extension(concern)


def mark_extension(concern: Concern) -> None:
    """Keep `extension_open` true exactly while a commissioned concern has an offer that waits."""
    commissioned = concern.status in (ConcernStatus.ACCEPTED, ConcernStatus.CAP_REACHED)
    pending = commissioned and has_sent(concern)
    if pending != concern.extension_open:
        _save(concern, extension_open=pending)


def _offers(concern: Concern, statuses: tuple[OfferStatus, ...]) -> list[CostOffer]:
    return list(CostOffer.objects.filter(concern=concern, status__in=statuses).order_by("number"))


def _save(concern: Concern, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(concern, name, value)
    concern.save(update_fields=list(fields))
