"""Send, withdraw and expire cost offers; preview one without writing anything."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.billing import amounts, sending, wording, workflow
from klarfall.billing.endings import end, leave_offered
from klarfall.billing.engine import effective_minutes
from klarfall.billing.models import CostOffer
from klarfall.billing.pricing import OfferImpossible, OfferRefused, OfferTerms, price
from klarfall.billing.status import OfferStatus
from klarfall.contracts.models import CatalogueItem
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused, action, each_by_itself
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.progress import settle

__all__ = [
    "OfferImpossible", "OfferRefused", "OfferTerms", "Preview",
    "expire_offer", "expire_offers", "preview", "send_offer", "withdraw_offer",
]  # fmt: skip


class NotWithdrawable(Refused):
    """The offer was decided meanwhile; only the customer ends an accepted one (by a stop)."""

    code = "not_withdrawable"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A cost offer as it would be sent; `offer` is not saved and has no number yet. Amounts are of the cap."""

    offer: CostOffer
    text: str
    cap_amount: Decimal
    gross: Decimal
    effective_minutes: int


@action
def send_offer(concern: Concern, *, terms: OfferTerms, actor: Any, now: datetime) -> CostOffer:
    """Send a further offer: after a decline, counter-proposal, stop or expiry, beside one that waits, or as extension.

    Raises OfferRefused (with `field`) or OfferImpossible.
    """
    concern, ticket = locked_concern(concern)
    offer = sending.send(concern, ticket, terms, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return offer


@action
def withdraw_offer(offer: CostOffer, *, actor: Any, now: datetime) -> CostOffer:
    """Withdraw an offer that waits for its decision; the concern then needs another one."""
    concern, ticket = locked_concern(Concern(pk=offer.concern_id, ticket_id=offer.ticket_id))
    permissions.require("offer.withdraw", actor)
    offer = CostOffer.objects.get(pk=offer.pk)
    if offer.status != OfferStatus.SENT:
        raise NotWithdrawable(_("This cost notice has been decided or has ended meanwhile. Please reload the page."))
    end(offer, "withdraw", concern=concern, ticket=ticket, actor=actor, now=now)
    leave_offered(concern, "withdraw_offer", ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return offer


@action
def expire_offer(offer: CostOffer, *, actor: Any, now: datetime) -> CostOffer:
    """Let a sent offer expire after its last day in the vendor's zone; it costs nothing (INV-7). By the system."""
    concern, ticket = locked_concern(Concern(pk=offer.concern_id, ticket_id=offer.ticket_id))
    offer = CostOffer.objects.get(pk=offer.pk)
    if not offer.is_late(local_day(now)):
        raise OfferRefused(_("This cost notice is still valid."))
    workflow.apply(offer, "expire", ticket=ticket, actor=actor, now=now)
    leave_offered(concern, "expire_offer", ticket=ticket, actor=actor, now=now)
    settle(ticket, actor=actor, now=now)
    return offer


def expire_offers(now: datetime) -> int:
    """Let every offer expire whose last day is over; returns how many. One that cannot is logged and stays.

    Not an action itself: each offer expires by itself.
    """
    with viewing_as(SYSTEM):
        system = User.objects.system()

        def expire(offer: CostOffer) -> None:
            expire_offer(offer, actor=system, now=now)

        late = CostOffer.objects.filter(status=OfferStatus.SENT, valid_until__lt=local_day(now))
        return each_by_itself(list(late.order_by("ticket_id", "pk")), expire)


def preview(
    concern: Concern, terms: OfferTerms, *, now: datetime, item: CatalogueItem | None = None, actor: Any = None
) -> Preview:
    """The offer as it would be sent now; raises OfferRefused like sending it would. Not an action: it writes nothing.

    `item` is the catalogue item chosen on the form while the concern is not assessed yet.
    """
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.select_related("contact__user", "terms").get(pk=concern.ticket_id)
        if item is None:
            item = sending.check_possible(
                Concern.objects.select_related("current_assessment__item").get(pk=concern.pk), ticket
            )
        offer = price(concern, ticket, item, terms, actor=actor, now=now)
        return Preview(
            offer=offer,
            text=wording.offer_text(offer, item, ticket.terms),
            cap_amount=amounts.cap_amount(offer),
            gross=amounts.gross(offer, amounts.cap_amount(offer)),
            effective_minutes=effective_minutes(offer.cap_minutes, offer.cap_net, offer.rate),
        )
