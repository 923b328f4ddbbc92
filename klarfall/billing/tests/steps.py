"""Short words for what people do in tests of billing; instants are written as the clock in Berlin shows them."""

from klarfall.billing.actions import assessments, decisions, offers, time
from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.actions.offers import OfferTerms
from klarfall.billing.engine import MinuteClass, classify, totals
from klarfall.billing.facts import facts_of
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.review import split
from tests.cast import NOW, berlin

EVIDENCE = {"address": "192.0.2.7", "browser": "Beispiel 1.0"}
CAUSES = {"CHG-DATA": "improper_use", "CHG-INFRA": "infrastructure", "COV-DEFECT": "defect"}


def clock(text, day="2026-11-24"):
    """'09:10' or '09:10:30' on the day of the story."""
    return berlin(f"{day} {text}")


def verdict(cast, code, **fields):
    """A verdict with everything its item needs."""
    cause = next((cause for start, cause in CAUSES.items() if code.startswith(start)), "not_relevant")
    values = {"reason": "Das ergibt sich aus der geschilderten Lage.", "cause": cause, **fields}
    return Verdict(item=cast.item(code), **values)


def terms(low=45, high=60, **fields):
    """Terms of an offer with a scope."""
    return OfferTerms(estimate_min=low, estimate_max=high, scope="Einrichten und prüfen.", **fields)


def send(cast, concern, code="CHG-CONF", *, at=NOW, actor=None, given=None, **fields):
    """Publish a chargeable verdict and send its offer."""
    return assessments.send_cost_notice(
        concern,
        verdict=verdict(cast, code),
        offer=given or terms(**{"cap_minutes": 120, **fields}),
        actor=actor or cast.anna,
        now=at,
    )


def send_more(cast, concern, *, at=NOW, **fields):
    """Send a further offer on the same assessment."""
    return offers.send_offer(concern, terms=terms(**fields), actor=cast.anna, now=at)


def publish(cast, concern, code, *, at=NOW, actor=None, **fields):
    """Publish a verdict without an offer."""
    return assessments.publish(concern, verdict=verdict(cast, code, **fields), actor=actor or cast.anna, now=at)


def accept(offer, contact, *, at=NOW, cap=None, **fields):
    """Accept an offer in the portal."""
    values = {"text_hash": offer.text_hash, "evidence": EVIDENCE, **fields}
    return decisions.accept(offer, cap=cap, actor=contact.user, now=at, **values)


def decline(offer, contact, *, at=NOW):
    """Decline an offer in the portal."""
    return decisions.decline(offer, evidence=EVIDENCE, actor=contact.user, now=at)


def work(cast, concern, start, end, *, day="2026-11-24", actor=None, purpose="work", now=None, **fields):
    """Record time by hand, right after it."""
    begins, ends = clock(start, day), clock(end, day)
    values = {"channel": "internal", "activity": "Gearbeitet", **fields}
    return time.record_time(
        concern, purpose=purpose, start=begins, end=ends, actor=actor or cast.anna, now=now or ends, **values
    )


def timer(cast, concern, at, *, actor=None, purpose="work", **fields):
    """Start a timer."""
    return time.start_timer(
        concern, purpose=purpose, channel="internal", activity="Gearbeitet", actor=actor or cast.anna, now=at, **fields
    )


def classes(concern, until=None):
    """Minutes per class, only those that occur."""
    with viewing_as(SYSTEM):
        found = totals(classify(facts_of([concern])[concern.pk], until=until))
    return {kind: minutes for kind, minutes in found.items() if minutes}


def by_offer(concern):
    """Billable minutes by offer."""
    found = {}
    with viewing_as(SYSTEM):
        for segment in classify(facts_of([concern])[concern.pk]):
            if segment.minute_class is MinuteClass.BILLABLE:
                found[segment.offer_id] = found.get(segment.offer_id, 0) + segment.minutes
    return found


def split_off(cast, ticket, *titles, at=NOW):
    """Further concerns of a ticket."""
    return split(ticket, titles=titles, actor=cast.anna, now=at)


def refresh(row):
    """The row as it is now."""
    with viewing_as(SYSTEM):
        return type(row).objects.get(pk=row.pk)
