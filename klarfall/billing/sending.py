"""Send one cost offer: the step that sending alone and publishing with an offer share."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.billing import wording, workflow
from klarfall.billing.endings import mark_extension
from klarfall.billing.models import CostOffer
from klarfall.billing.pricing import OfferImpossible, OfferTerms, price
from klarfall.contracts.models import CatalogueItem
from klarfall.tickets.models import Concern, Objection, Ticket
from klarfall.tickets.status import ConcernStatus as C
from klarfall.tickets.workflow import apply_concern

#: A further offer beside one that waits, and extensions, leave the concern where it is.
_BESIDE = (C.OFFERED, C.ACCEPTED, C.CAP_REACHED)
_FIRST = (C.CHARGEABLE, C.DECLINED, C.EXPIRED, C.OTHER_FORM, C.STOPPED)


def check_possible(concern: Concern, ticket: Ticket) -> CatalogueItem:
    """The item on which an offer is possible now; raises OfferImpossible with the reason."""
    if not ticket.is_live:
        raise OfferImpossible(_("This request is finished. It has to be reopened first."))
    if concern.status not in (*_BESIDE, *_FIRST) or concern.current_assessment is None:
        raise OfferImpossible(_("A cost notice is only possible where the work is chargeable."))
    if Objection.objects.filter(concern=concern, reviewed_at__isnull=True).exists():
        raise OfferImpossible(_("The customer sees this differently. Please decide the second review first."))
    item: CatalogueItem = concern.current_assessment.item
    return item


def send(concern: Concern, ticket: Ticket, terms: OfferTerms, *, actor: Any, now: datetime) -> CostOffer:
    """Send an offer on a concern of a locked ticket, with its canonical text and hash; returns it.

    Raises OfferRefused. The caller settles the ticket.
    """
    permissions.require("offer.send", actor)
    item = check_possible(concern, ticket)
    offer = price(concern, ticket, item, terms, actor=actor, now=now)
    offer.assessment = concern.current_assessment
    offer.save(force_insert=True)
    offer.refresh_from_db(fields=["number"])
    stamp = wording.stamp(offer, item, ticket.terms, now)
    if ticket.offered_at is None:
        ticket.offered_at = now
        ticket.save(update_fields=["offered_at"])
    workflow.apply(offer, "send", ticket=ticket, actor=actor, now=now, **stamp)
    if concern.status in _FIRST:
        apply_concern(concern, "send_offer", ticket=ticket, actor=actor, now=now, wish_open=False)
    elif concern.wish_open:
        concern.wish_open = False
        concern.save(update_fields=["wish_open"])
    mark_extension(concern)
    return offer
