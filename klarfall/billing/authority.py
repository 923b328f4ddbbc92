"""Who of the customer may accept an offer with which cap (domain.md, sections 6 and 7)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer
from klarfall.customers.models import Contact


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The answer for one contact. `reason` is a code ("" when allowed): no_role, not_visible, not_named, over_limit.

    `limit` is None where none applies; `exposure` is what the limit must cover, offers accepted earlier included.
    """

    allowed: bool
    reason: str = ""
    role: str = ""
    limit: Decimal | None = None
    exposure: Decimal = Decimal("0.00")
    who_can: list[Contact] = field(default_factory=list)

    @property
    def message(self) -> str:
        """The reason in words for the person; empty when allowed."""
        raise NotImplementedError


def authority(offer: CostOffer, contact: Contact, cap: Caps | None, now: datetime) -> Authority:
    """May this contact accept the offer with this cap now? Writes nothing; pages ask it too."""
    raise NotImplementedError
