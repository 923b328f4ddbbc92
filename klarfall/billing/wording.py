"""The canonical texts: what page and both parts of the mail show word for word, and what is hashed (INV-2, INV-27).

Plain text in one language, with ordinary blanks, so that it reads and hashes the same everywhere.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.billing import amounts
from klarfall.billing.cards import clause_words
from klarfall.billing.engine import Caps, net_of
from klarfall.billing.models import CostOffer, CustomerDecision, DecisionKind
from klarfall.billing.pricing import listed_caps
from klarfall.contracts.models import CatalogueItem, TermsVersion, WorkType
from klarfall.core import vendor
from klarfall.ui import formats


def text_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, as hex; PostgreSQL checks the same."""
    return hashlib.sha256(text.encode()).hexdigest()


def offer_text(offer: CostOffer, item: CatalogueItem, terms: TermsVersion) -> str:
    """The one text of an offer in the offer's language: all figures, scope, exclusions, clause, validity."""
    with translation.override(offer.language):
        blocks = (
            _heading(offer),
            _clause(item, terms),
            _work(offer),
            "\n".join(_figures(offer)),
            _without_decision(offer),
        )
        return _plain("\n\n".join(blocks))


def decision_text(decision: CustomerDecision, offer: CostOffer, name: str) -> str:
    """The one text of a decision, in the language of its offer: what, about which offer, who and when."""
    with translation.override(offer.language), timezone.override(vendor.current().time_zone):
        lines = [_("Decision about cost notice %(number)s") % {"number": offer.number}, _what(decision, offer)]
        values = {"name": name, "when": formats.moment(decision.at)}
        lines.append(_("Decided by %(name)s on %(when)s") % values)
        lines.append(_("Text of the cost notice (SHA-256): %(hash)s") % {"hash": decision.text_hash})
        return _plain("\n".join(lines))


def minutes_text(minutes: int) -> str:
    """`1 Minute`, `120 Minuten`; whole minutes, because that is what is counted."""
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": formats.quantity(minutes)}


def day_text(day: date) -> str:
    """A day as the canonical text writes it: `Di, 08.12.2026`."""
    return formats.day(day)


def cap_text(offer: CostOffer, caps: Caps) -> str:
    """A cap in its own unit: minutes, an amount, or both."""
    if caps.net is None:
        return minutes_text(caps.minutes or 0)
    amount = _("%(amount)s net") % {"amount": _money(offer, caps.net)}
    if caps.minutes is None:
        return amount
    values = {"minutes": minutes_text(caps.minutes), "amount": amount}
    return _("%(minutes)s or %(amount)s, whichever is reached first") % values


def _heading(offer: CostOffer) -> str:
    words, ticket = vendor.current(), offer.ticket
    number = offer.number if isinstance(offer.number, int) else "–"
    values = {"number": number, "request": f"{words.number_prefix}-{ticket.number}"}
    lines = [_("Cost notice %(number)s for request %(request)s") % values, offer.concern.title]
    if offer.extends_id:
        lines.append(_("Extension of cost notice %(number)s") % {"number": offer.extends.number})
    return "\n".join(lines)


def _clause(item: CatalogueItem, terms: TermsVersion) -> str:
    title, text = clause_words(item)
    values = {
        "clause": item.clause,
        "version": terms.number,
        "day": formats.day(terms.valid_from),
        "title": title,
        "text": text,
    }
    return (
        _(
            "Chargeable according to the service catalogue %(clause)s, version %(version)s of %(day)s:\n"
            "%(title)s. “%(text)s”"
        )
        % values
    )


def _work(offer: CostOffer) -> str:
    lines = [_("What we do:"), offer.scope]
    if offer.exclusions:
        lines += [_("Not included:"), offer.exclusions]
    return "\n".join(lines)


def _figures(offer: CostOffer) -> Iterator[str]:
    caps = amounts.offered_caps(offer)
    yield _("Costs:")
    yield _("Hourly rate: %(rate)s net (%(kind)s)") % {
        "rate": _money(offer, offer.rate),
        "kind": WorkType(offer.work_type).label,
    }
    yield _("Billing: %(rule)s") % {"rule": amounts.rounding(offer)}
    if offer.minimum:
        yield _("Minimum: %(minutes)s as soon as there was billable work") % {"minutes": minutes_text(offer.minimum)}
    yield _("Estimate: %(estimate)s") % {"estimate": _estimate(offer)}
    yield _("Cap: %(cap)s, that is %(most)s") % {"cap": cap_text(offer, caps), "most": _most(offer, caps)}
    for lower in listed_caps(offer):
        chosen = amounts.caps_in_force(offer, lower)
        values = {"cap": cap_text(offer, lower), "most": _most(offer, chosen)}
        yield _("Lower cap to choose instead: %(cap)s, that is %(most)s") % values
    yield _("You only pay for the time actually worked. When the cap is reached, we stop and ask you again.")


def _most(offer: CostOffer, caps: Caps) -> str:
    net = amounts.cap_amount(offer, caps)
    values = {
        "net": _money(offer, net),
        "gross": _money(offer, amounts.gross(offer, net)),
        "vat": formats.percent(offer.vat_percent.normalize()),
    }
    return _("at most %(net)s net (for information: %(gross)s with %(vat)s VAT)") % values


def _estimate(offer: CostOffer) -> str:
    low, high = offer.estimate_min, offer.estimate_max
    values = {
        "low": formats.quantity(low),
        "high": minutes_text(high),
        "low_net": _money(offer, net_of(low, offer.rate)),
        "high_net": _money(offer, net_of(high, offer.rate)),
    }
    if low == high:
        return _("%(high)s, about %(high_net)s net") % values
    return _("%(low)s to %(high)s, about %(low_net)s to %(high_net)s net") % values


def _without_decision(offer: CostOffer) -> str:
    values = {"day": formats.day(offer.valid_until), "zone": vendor.current().time_zone}
    return "\n".join(
        (
            _("Valid until the end of %(day)s (%(zone)s).") % values,
            _(
                "Without your decision the work rests and nothing is charged. Silence is no acceptance."
                " After that day this cost notice expires; that costs nothing either."
            ),
        )
    )


def _what(decision: CustomerDecision, offer: CostOffer) -> str:
    if decision.kind == DecisionKind.ACCEPT:
        caps = amounts.caps_in_force(offer, decision.chosen)
        values = {"cap": cap_text(offer, caps), "most": _most(offer, caps)}
        return _("Commissioned, chargeable. Cap: %(cap)s, that is %(most)s") % values
    if decision.kind == DecisionKind.COUNTER:
        return _("Not commissioned; something else was proposed. Nothing is charged.")
    if decision.kind == DecisionKind.OTHER_FORM:
        return _("Not commissioned; another form was chosen. Nothing is charged.")
    return _("Not commissioned. Nothing is charged.")


def _money(offer: CostOffer, amount: Decimal) -> str:
    return formats.money(amount, offer.currency)


def _plain(text: str) -> str:
    """The text with ordinary blanks: mails and pages may not differ by invisible characters."""
    return text.replace(formats.NBSP, " ").replace("\u202f", " ")


def stamp(offer: CostOffer, item: CatalogueItem, terms: TermsVersion, now: datetime) -> dict[str, object]:
    """The fields that make a draft an offer that was sent: text, hash, time."""
    text = offer_text(offer, item, terms)
    return {"canonical_text": text, "text_hash": text_hash(text), "sent_at": now}
