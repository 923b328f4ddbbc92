"""The customer decides: accept, decline, propose something else, another form, pass on, stop."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionCode, Stop
from klarfall.core.action import action
from klarfall.customers.models import Contact
from klarfall.tickets.models import Concern, TicketEvent


@action
def accept(
    offer: CostOffer,
    *,
    cap: Caps | None,
    order_number: str = "",
    comment: str = "",
    text_hash: str,
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Accept an offer, with `cap` None as it stands or with one of its lower caps."""
    raise NotImplementedError


@action
def decline(
    offer: CostOffer,
    *,
    comment: str = "",
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Do not commission the work; nothing is charged."""
    raise NotImplementedError


@action
def counter(
    offer: CostOffer,
    *,
    text: str,
    cap_net: Decimal | None = None,
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Propose something else: a decline plus a wish that waits for a new offer."""
    raise NotImplementedError


@action
def choose_other_form(
    offer: CostOffer,
    *,
    alternative: str,
    with_article: bool = False,
    wish: str = "",
    channel: str = "portal",
    proof: DecisionCode | None = None,
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Take an article, a training or a consultant instead; the hand-over is made in the same step."""
    raise NotImplementedError


@action
def pass_on(offer: CostOffer, *, to: Contact, comment: str = "", actor: Any, now: datetime) -> TicketEvent:
    """Ask a colleague with authority to decide."""
    raise NotImplementedError


@action
def stop(concern: Concern, *, actor: Any, now: datetime) -> Stop:
    """Stop the work on a concern at once: no later minute is billable without a new acceptance (INV-16)."""
    raise NotImplementedError
