"""Publish assessments: covered, chargeable (with its cost notice), not offered; second reviews and found defects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from klarfall.billing.actions.offers import OfferTerms
from klarfall.billing.models import CostOffer
from klarfall.contracts.models import CatalogueItem
from klarfall.core.action import action
from klarfall.tickets.models import (
    Assessment,
    Attachment,
    Concern,
    ConsultantRequest,
    Message,
    Objection,
    Ticket,
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a person says about a concern. `messages` and `files` are the basis; None means all of the ticket."""

    item: CatalogueItem
    reason: str
    cause: str = "not_relevant"
    training: str = "unknown"
    messages: Sequence[Message] | None = None
    files: Sequence[Attachment] | None = None
    trigger: str = "initial"
    by_call: bool = False
    call_note: str = ""
    next_step: str = ""


@action
def publish(concern: Concern, *, verdict: Verdict, actor: Any, now: datetime) -> Assessment:
    """Publish a verdict; covered and not offered withdraw every open or effective offer at once (INV-8)."""
    raise NotImplementedError


@action
def send_cost_notice(concern: Concern, *, verdict: Verdict, offer: OfferTerms, actor: Any, now: datetime) -> CostOffer:
    """Publish a chargeable verdict and send its offer; the customer gets one notice."""
    raise NotImplementedError


@action
def answer_covered(
    ticket: Ticket,
    *,
    verdict: Verdict,
    answer: str,
    resolution_kind: str,
    files: Sequence[Any] = (),
    actor: Any,
    now: datetime,
) -> Ticket:
    """The one button: answer, covered, solved. For tickets with one concern; begins the review by itself."""
    raise NotImplementedError


@action
def refer(
    concern: Concern,
    *,
    verdict: Verdict,
    wish: str,
    place: str = "",
    preferred_dates: str = "",
    actor: Any,
    now: datetime,
) -> ConsultantRequest:
    """Publish *not offered* and hand the wish over to the consultants (R54)."""
    raise NotImplementedError


@action
def review_objection(
    objection: Objection, *, result: str, text: str, verdict: Verdict | None = None, actor: Any, now: datetime
) -> Objection:
    """Second review; not by the assessor, except in the customer's favour (INV-14)."""
    raise NotImplementedError


@action
def report_defect(concern: Concern, *, reason: str, actor: Any, now: datetime) -> Assessment:
    """A product defect was found: covered from the beginning, also on a closed ticket (INV-13)."""
    raise NotImplementedError
