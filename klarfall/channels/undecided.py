"""What somebody hears who mailed while a cost notice waits: that nothing was commissioned, and who decides how."""

from datetime import datetime
from typing import Any

from klarfall.accounts.models import User
from klarfall.billing import amounts
from klarfall.billing.authority import authority
from klarfall.channels import addresses
from klarfall.channels.models import Notice
from klarfall.channels.recipients import waiting_offers
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.tickets.models import Ticket

KIND = "mail_is_no_decision"
_NAMED = 3


class Decided(Exception):
    """Nothing waits for a decision any more."""


def undecided(notice: Notice, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """The words of the notice, read in the sight of its recipient; empty for other kinds. Raises Decided."""
    if notice.kind != KIND:
        return {}
    waiting = list(waiting_offers(ticket, now))
    offer = next((one for one in waiting if one.pk == notice.data["offer"]), None)
    if offer is None:
        raise Decided
    contact = Contact.objects.get(customer_id=notice.customer_id, user=notice.recipient_id)
    answer = authority(offer, contact, None, now)
    return {
        "may_decide": answer.allowed,
        "deciders": _names([one.user_id for one in answer.who_can[:_NAMED]]),
        "others": [
            {"number": one.number, "at_most": amounts.at_most(one), "url": addresses.decision_page(one.number)}
            for one in waiting
            if one.pk != offer.pk
        ],
    }


def _names(user_ids: list[int]) -> str:
    """The names of colleagues who may decide, as the decision page shows them, too."""
    with viewing_as(SYSTEM):
        names = dict(User.objects.filter(pk__in=user_ids).values_list("pk", "name"))
    return ", ".join(filter(None, (names.get(pk, "") for pk in user_ids)))
