"""Personal links and six-digit codes: who decides without being signed in, and decisions on the phone."""

from datetime import datetime
from typing import Any

from klarfall.billing.engine import Caps
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionCode, PersonalLink
from klarfall.core.action import action
from klarfall.customers.models import Contact


@action
def make_link(offer: CostOffer, *, contact: Contact, actor: Any, now: datetime) -> str:
    """Make a personal link for a contact and return its token, which is stored nowhere; for the mail being sent."""
    raise NotImplementedError


@action
def open_link(token: str, now: datetime) -> PersonalLink | None:
    """The link of a token; None if there is none. Raises LinkRefused when it does not work any more. Writes nothing."""
    raise NotImplementedError


@action
def send_link_code(link: PersonalLink, *, now: datetime) -> None:
    """Have a six-digit code mailed to the person of the link (job `channels.send_link_code`)."""
    raise NotImplementedError


@action
def issue_link_code(link: PersonalLink, *, actor: Any, now: datetime) -> str:
    """Make the code while its mail is being written, by the worker; only its hash is stored."""
    raise NotImplementedError


@action
def check_link_code(link: PersonalLink, code: str, *, now: datetime) -> DecisionCode:
    """Check a code typed for a link; the proof returned is handed to the decision. Raises CodeRefused."""
    raise NotImplementedError


@action
def issue_phone_code(offer: CostOffer, *, actor: Any, now: datetime) -> str:
    """Make a code which a contact reads out on the phone; shown once."""
    raise NotImplementedError


@action
def accept_by_phone(
    offer: CostOffer,
    *,
    contact: Contact,
    code: str,
    cap: Caps | None,
    order_number: str = "",
    comment: str = "",
    evidence: dict[str, Any] | None = None,
    actor: Any,
    now: datetime,
) -> CustomerDecision:
    """Record the acceptance of a contact who has read out their code; the agent only types it in."""
    raise NotImplementedError
