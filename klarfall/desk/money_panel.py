"""What the customer pays for a concern as things stand, the goodwill granted, and whether a defect may be recorded."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from klarfall.billing.models import BillingLine
from klarfall.billing.story import Story
from klarfall.billing.waiving import NOTHING, net_of_concern, scope
from klarfall.tickets.models import Concern
from klarfall.tickets.status import TicketStatus

#: The service under which a defect of the product is covered; recorded once.
_DEFECT = "COV-DEFECT"


@dataclass(frozen=True, kw_only=True)
class Money:
    """Net amounts as the concern would be billed now; `billed` is None until somebody asks for it."""

    net: Decimal
    goodwill: Decimal
    grants: list[dict[str, Any]]
    billed: Decimal | None = None

    @property
    def may_grant(self) -> bool:
        """Is there anything that goodwill could lower?"""
        return self.net > 0


def money_of(story: Story, concern: Any, *, with_billed: bool) -> Money | None:
    """The money of a concern; None where nothing was ever commissioned and worked on. `with_billed` asks once more."""
    facts = story.facts.get(concern.pk)
    if facts is None or scope(facts, story.now) is None:
        return None
    net = net_of_concern(facts, story.now)
    without = net_of_concern(replace(facts, goodwill=()), story.now) if facts.goodwill else net
    grants = [
        {
            "minutes": one["minutes"],
            "net": Decimal(one["net"]),
            "reason": one["reason"],
            "by": story.name(one["by"]),
        }
        for one in concern.goodwill_rows
    ]
    billed = None
    if with_billed:
        billed = BillingLine.objects.filter(concern=concern.pk).aggregate(net=Sum("net"))["net"] or NOTHING
    return Money(net=net, goodwill=without - net, grants=grants, billed=billed)


def may_defect(story: Story, concern: Concern) -> bool:
    """May a defect be recorded: somebody has assessed it, as something else, and the request was not withdrawn."""
    current = concern.current_assessment
    if current is None or story.ticket.status == TicketStatus.CANCELLED:
        return False
    return current.item.code != _DEFECT
