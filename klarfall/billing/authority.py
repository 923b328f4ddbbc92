"""Who of the customer may accept an offer with which cap (domain.md, sections 6 and 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from klarfall.accounts.permissions import PERMISSIONS, ContactRole
from klarfall.billing.engine import CapRefused, Caps, ConcernFacts, balances, choose_cap, exposure
from klarfall.billing.facts import facts_of
from klarfall.billing.models import CostOffer
from klarfall.billing.settlement import net_so_far
from klarfall.contracts.queries import local_day
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer, ReleasePolicy
from klarfall.tickets.acting import sees
from klarfall.tickets.models import Concern, Ticket
from klarfall.ui.formats import money

_ACCEPTING = PERMISSIONS["offer.accept"]


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The answer for one contact. `reason` is a code ("" when allowed): no_role, not_visible, not_named, over_limit.

    `limit` (net) is None where none applies; `exposure` is what a limit must cover: the chosen cap and the
    offers accepted earlier on the concern. `who_can` are the others of the customer who may, the deputy first.
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
        return _message(self)


def authority(offer: CostOffer, contact: Contact, cap: Caps | None, now: datetime) -> Authority:
    """May this contact accept the offer with this cap now? Writes nothing; pages ask it too.

    Looks with full sight, because others of the customer may see what this contact does not. A cap that rule 2
    refuses counts as the offered one: refusing it is the action's business.
    """
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.select_related("customer").get(pk=offer.ticket_id)
        needed = _exposed(offer, cap) + accepted_before(offer, now)
        colleagues = Contact.objects.filter(customer_id=offer.customer_id, is_active=True, user__is_active=True)
        answers = {
            one.pk: (one, _judge(one, ticket, needed, now)) for one in colleagues.select_related("user").order_by("pk")
        }
    own = answers.pop(contact.pk, None)
    who_can = [one for one, answer in answers.values() if answer.allowed]
    if own is None:
        return Authority(allowed=False, reason="no_role", exposure=needed, who_can=who_can)
    person, verdict = own
    return Authority(
        allowed=verdict.allowed,
        reason=verdict.reason,
        role=verdict.role,
        limit=verdict.limit,
        exposure=needed,
        who_can=sorted(who_can, key=lambda one: one.pk != person.deputy_id),
    )


def accepted_before(offer: CostOffer, now: datetime) -> Decimal:
    """Exposure of the offers accepted on the concern so far; of ended ones their net as recomputed now."""
    concern = Concern(pk=offer.concern_id, ticket_id=offer.ticket_id)
    return _exposed_so_far(facts_of([concern])[concern.pk], now)


def _exposed_so_far(facts: ConcernFacts, now: datetime) -> Decimal:
    nets = net_so_far(facts, now)
    found = (one.exposure if one.running else nets[one.offer_id] for one in balances(facts, now))
    return sum(found, Decimal("0.00"))


def _exposed(offer: CostOffer, cap: Caps | None) -> Decimal:
    offered = Caps(minutes=offer.cap_minutes, net=offer.cap_net)
    try:
        return exposure(choose_cap(offered, cap, offer.rate), offer.rate)
    except CapRefused:
        return exposure(offered, offer.rate)


def _judge(contact: Contact, ticket: Ticket, needed: Decimal, now: datetime) -> Authority:
    roles = contact.role_codes & _ACCEPTING
    if not roles or contact.customer_id != ticket.customer_id:
        return Authority(allowed=False, reason="no_role")
    if not sees(contact, ticket, now):
        return Authority(allowed=False, reason="not_visible")
    customer: Customer = ticket.customer
    if customer.release_policy == ReleasePolicy.EVERY_CONTACT:
        role = ContactRole.REQUESTER if ContactRole.REQUESTER in roles else ContactRole.COST_RELEASE
        return Authority(allowed=True, role=role)
    limit = contact.release_limit_on(local_day(now))
    if limit is None:
        return Authority(allowed=False, reason="not_named")
    if limit < needed:
        return Authority(allowed=False, reason="over_limit", role=ContactRole.COST_RELEASE, limit=limit)
    return Authority(allowed=True, role=ContactRole.COST_RELEASE, limit=limit)


def _message(answer: Authority) -> str:
    if answer.allowed:
        return ""
    values = {"limit": money(answer.limit), "needed": money(answer.exposure)}
    words = {
        "over_limit": _("Your cost release goes up to %(limit)s; this decision needs %(needed)s.") % values,
        "not_named": _("In your company, named people decide about costs; you are not one of them."),
    }
    message = words.get(answer.reason, _("You may not decide about this cost notice."))
    return f"{message} {_pass_on(answer.who_can)}".strip()


def _pass_on(who_can: Sequence[Contact]) -> str:
    if not who_can:
        return _("Please ask your company's administrator.")
    names = ", ".join(contact.user.name for contact in who_can[:3])
    return _("You can pass it on to: %(names)s.") % {"names": names}
