"""Send, withdraw and expire cost offers; preview one without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer
from klarfall.core.action import action
from klarfall.tickets.models import Concern


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """What a specialist types for a cost offer; None means the default of item, rate card and vendor.

    Minutes are integers, money is net. `lower_caps` None: made from the estimate.
    """

    estimate_min: int
    estimate_max: int
    scope: str = ""
    exclusions: str = ""
    cap_minutes: int | None = None
    cap_net: Decimal | None = None
    lower_caps: Sequence[Caps] | None = None
    valid_until: date | None = None
    work_type: str | None = None
    extends: CostOffer | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A cost offer as it would be sent; `offer` is not saved and has no number yet."""

    offer: CostOffer
    text: str
    cap_amount: Decimal
    gross: Decimal
    effective_minutes: int


@action
def send_offer(concern: Concern, *, terms: OfferTerms, actor: Any, now: datetime) -> CostOffer:
    """Send a further offer: after a decline, counter-proposal, stop or expiry, or as an extension."""
    raise NotImplementedError


@action
def withdraw_offer(offer: CostOffer, *, actor: Any, now: datetime) -> CostOffer:
    """Withdraw an offer that waits for its decision."""
    raise NotImplementedError


@action
def expire_offers(now: datetime) -> int:
    """Let every sent offer expire whose last day is over in the vendor's zone (INV-7); returns how many."""
    raise NotImplementedError


def preview(concern: Concern, terms: OfferTerms, *, now: datetime) -> Preview:
    """The offer as it would be sent now; raises OfferRefused like sending it would."""
    raise NotImplementedError
