"""From what a specialist types to a complete cost offer: defaults, limits, caps (domain.md, sections 5a and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing import vat
from klarfall.billing.engine import CapRefused, Caps, choose_cap, effective_minutes, exposure
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionKind
from klarfall.billing.status import EFFECTIVE
from klarfall.contracts.models import CatalogueItem, Outcome, RateCardLine, WorkType
from klarfall.contracts.queries import local_day
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.tickets import text
from klarfall.tickets.models import Concern, Ticket

_MOST_MINUTES = 60_000  # a thousand hours: more is a slip of the finger
_MOST_NET = Decimal("1000000.00")
_MOST_DAYS = 366
_MOST_LOWER_CAPS = 6
_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """What a specialist types for a cost offer; None or "" means the default of item, rate card and vendor.

    Minutes are integers, money is net. Without any cap the default cap is made from the estimate (a third
    more, rounded up to the increment); `lower_caps` None: the two ends of the estimate.
    """

    estimate_min: int
    estimate_max: int
    scope: str = ""
    exclusions: str | None = None
    cap_minutes: int | None = None
    cap_net: Decimal | None = None
    lower_caps: Sequence[Caps] | None = None
    valid_until: date | None = None
    work_type: str | None = None
    extends: CostOffer | None = None


class OfferRefused(Refused):
    """The offer cannot be sent like this; `field` says what is wrong."""

    code = "offer_refused"


class OfferImpossible(OfferRefused):
    """No offer at all is possible on this concern, whatever its terms."""

    code = "offer_impossible"


def listed_caps(offer: CostOffer) -> list[Caps]:
    """The lower caps of an offer which the customer may choose instead, lowest first."""
    return [
        Caps(minutes=int(cap["minutes"])) if "minutes" in cap else Caps(net=Decimal(cap["net"]))
        for cap in offer.lower_caps
    ]


def price(
    concern: Concern, ticket: Ticket, item: CatalogueItem, terms: OfferTerms, *, actor: Any, now: datetime
) -> CostOffer:
    """Return the unsaved draft of an offer with every figure set; raises OfferRefused with the field that is wrong.

    Rate, increment and minimum are those of the ticket's terms version (INV-12); after an acceptance on the
    concern increment and minimum are that one's (rule 3). An extension keeps the kind of work it extends.
    """
    if item.outcome != Outcome.CHARGEABLE:
        raise OfferImpossible(_("A cost notice is only possible where the work is chargeable."))
    extends = _extends(concern, terms)
    line = _rate(ticket, terms.work_type or (extends.work_type if extends else item.work_type))
    first = first_accepted(concern)
    language = ticket.contact.user.language
    offer = CostOffer(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        extends=extends,
        work_type=line.work_type,
        rate=line.rate,
        currency=line.currency,
        vat_percent=vat.standard_percent(local_day(now)),
        increment=first.increment if first else line.increment,
        minimum=first.minimum if first else line.minimum,
        scope=text.required(terms.scope or item.said("default_scope", language), field="scope", limit=4_000),
        exclusions=_exclusions(item, terms, language),
        valid_until=_valid_until(terms.valid_until, now),
        language=language,
        created_by=actor,
        created_at=now,
    )
    _set_estimate(offer, terms)
    _set_caps(offer, terms)
    return offer


def first_accepted(concern: Concern) -> CostOffer | None:
    """The offer of the concern that was accepted first; its increment and minimum bind all later ones (rule 3)."""
    if concern.pk is None:
        return None
    accepted = CustomerDecision.objects.filter(concern=concern, kind=DecisionKind.ACCEPT)
    decision = accepted.select_related("offer").order_by("fact").first()
    return decision.offer if decision else None


def _rate(ticket: Ticket, work_type: str) -> RateCardLine:
    if work_type not in WorkType.values:
        raise OfferRefused(_("Please choose a kind of work."), field="work_type")
    line = RateCardLine.objects.filter(terms_id=ticket.terms_id, work_type=work_type).first()
    if line is None:
        raise OfferRefused(_("The terms of this request name no rate for this kind of work."), field="work_type")
    return line


def _extends(concern: Concern, terms: OfferTerms) -> CostOffer | None:
    """The accepted offer which this one extends: the one named, else the one that runs."""
    accepted = CostOffer.objects.filter(concern=concern, decisions__kind=DecisionKind.ACCEPT)
    if terms.extends is None:
        return accepted.filter(status__in=EFFECTIVE).order_by("-number").first()
    found = accepted.filter(pk=terms.extends.pk).first()
    if found is None:
        raise OfferRefused(_("Only an accepted cost notice of the same concern can be extended."), field="extends")
    return found


def _exclusions(item: CatalogueItem, terms: OfferTerms, language: str) -> str:
    given = item.said("default_exclusions", language) if terms.exclusions is None else terms.exclusions
    return text.optional(given, field="exclusions", limit=4_000)


def _valid_until(given: date | None, now: datetime) -> date:
    today = local_day(now)
    if given is None:
        return today + timedelta(days=vendor.current().offer_valid_days)
    if isinstance(given, datetime) or not isinstance(given, date):
        raise OfferRefused(_("Please enter the last day of validity."), field="valid_until")
    if given < today:
        raise OfferRefused(_("The last day of validity is over already."), field="valid_until")
    if given > today + timedelta(days=_MOST_DAYS):
        raise OfferRefused(_("A cost notice is valid for a year at most."), field="valid_until")
    return given


def _set_estimate(offer: CostOffer, terms: OfferTerms) -> None:
    for name in ("estimate_min", "estimate_max"):
        if not _is_minutes(getattr(terms, name)):
            raise OfferRefused(_("Please enter the estimate in minutes, for example 45 and 60."), field=name)
    if terms.estimate_max < terms.estimate_min:
        raise OfferRefused(_("The estimate begins with the smaller figure."), field="estimate_max")
    offer.estimate_min, offer.estimate_max = terms.estimate_min, terms.estimate_max


def _set_caps(offer: CostOffer, terms: OfferTerms) -> None:
    offer.cap_minutes, offer.cap_net = terms.cap_minutes, terms.cap_net
    if offer.cap_minutes is None and offer.cap_net is None:
        offer.cap_minutes = _rounded_up(-(-offer.estimate_max * 4 // 3), offer.increment)
    if offer.cap_minutes is not None and not _is_minutes(offer.cap_minutes):
        raise OfferRefused(_("A cap is at least one minute."), field="cap_minutes")
    if offer.cap_net is not None and not _is_amount(offer.cap_net):
        raise OfferRefused(_("A cap is an amount above zero with at most two decimals."), field="cap_net")
    caps = Caps(minutes=offer.cap_minutes, net=offer.cap_net)
    if effective_minutes(caps.minutes, caps.net, offer.rate) < 1:
        raise OfferRefused(_("This cap does not leave a single minute."), field="cap_net")
    if exposure(caps, offer.rate) > _MOST_NET:
        raise OfferRefused(_("This cap is too high."), field="cap_minutes")
    chosen = _default_lower(offer, caps) if terms.lower_caps is None else list(terms.lower_caps)
    offer.lower_caps = [_as_json(cap) for cap in _checked_lower(chosen, caps, offer.rate)]


def _default_lower(offer: CostOffer, caps: Caps) -> list[Caps]:
    """The two ends of the estimate, as far as they are lower; in the unit of the offered cap."""
    limit = effective_minutes(caps.minutes, caps.net, offer.rate)
    found = sorted({_rounded_up(end, offer.increment) for end in (offer.estimate_min, offer.estimate_max)})
    lower = [minutes for minutes in found if minutes < limit]
    if caps.minutes is not None:
        return [Caps(minutes=minutes) for minutes in lower]
    return [Caps(net=exposure(Caps(minutes=minutes), offer.rate)) for minutes in lower]


def _checked_lower(chosen: Sequence[Caps], caps: Caps, rate: Decimal) -> list[Caps]:
    """Lower caps that really lower the effective minutes (rule 2), lowest first, each once."""
    if len(chosen) > _MOST_LOWER_CAPS:
        raise OfferRefused(_("At most six lower caps can be listed."), field="lower_caps")
    minutes: dict[int, Caps] = {}
    for cap in chosen:
        try:
            left = choose_cap(caps, cap, rate)
        except CapRefused:
            left = caps
        if left == caps:
            raise OfferRefused(
                _("A lower cap must allow less time than the cap and at least a minute."), field="lower_caps"
            )
        minutes.setdefault(effective_minutes(left.minutes, left.net, rate), cap)
    return [minutes[key] for key in sorted(minutes)]


def _as_json(cap: Caps) -> dict[str, Any]:
    return {"minutes": cap.minutes} if cap.minutes is not None else {"net": str(Decimal(cap.net or 0).quantize(_CENT))}


def _rounded_up(minutes: int, increment: int) -> int:
    return -(-minutes // increment) * increment


def _is_minutes(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_MINUTES


def _is_amount(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value > 0 and value == value.quantize(_CENT)
