"""Keep offers and concerns in line with the minutes used: warn at 80 %, end at the cap, predict the next time.

Whoever records or decides calls `watch`; while timers run, jobs do it at the predicted instants (section 6, rule 2).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from klarfall.billing import workflow
from klarfall.billing.consumption import REACHED, WARNING, Consumption, OfferUse, consumption
from klarfall.billing.engine import ConcernFacts, balances
from klarfall.billing.models import CostOffer
from klarfall.billing.status import OfferStatus
from klarfall.core.jobs import enqueue
from klarfall.tickets.events import record
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import ConcernStatus
from klarfall.tickets.workflow import apply_concern

JOB = "billing.watch_cap"


def watch(concern: Concern, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Bring the offers of a concern of a locked ticket up to `now`; repeat it at any time.

    Stores the used minutes, warns once at 80 % and once at the cap (event `offer.warned`), moves offers and the
    concern to their cap and back after a correction, and has itself called at the next predicted instants.
    """
    if ticket.offered_at is None:
        return
    found = consumption(concern, now)
    if not found.offers:
        return
    offers = {offer.pk: offer for offer in CostOffer.objects.filter(pk__in=[use.offer_id for use in found.offers])}
    finished = _used_by_finished(found.facts, now)
    for use in found.offers:
        offer = offers[use.offer_id]
        _store(offer, used_minutes=finished.get(offer.pk, 0))
        if use.running:
            _warn(offer, use, ticket=ticket, actor=actor, now=now)
            _exhaust(offer, use, ticket=ticket, actor=actor, now=now)
    _move_concern(concern, found, ticket=ticket, actor=actor, now=now)
    _predict(concern, found.offers, now)


def _used_by_finished(facts: ConcernFacts, now: datetime) -> dict[int, int]:
    """Used minutes by offer without running timers: what lists show."""
    recorded = tuple(entry for entry in facts.entries if entry.ended_at is not None)
    return {one.offer_id: one.used_minutes for one in balances(replace(facts, entries=recorded), now)}


def _store(offer: CostOffer, **fields: Any) -> None:
    changed = {name: value for name, value in fields.items() if getattr(offer, name) != value}
    for name, value in changed.items():
        setattr(offer, name, value)
    if changed:
        offer.save(update_fields=list(changed))


def _warn(offer: CostOffer, use: OfferUse, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Tell people once per level; who crosses both at once hears of the cap only."""
    if use.level == REACHED and offer.warned_at_100 is None:
        _store(offer, warned_at_80=offer.warned_at_80 or use.warns_at or now, warned_at_100=use.used_up_at or now)
    elif use.level == WARNING and offer.warned_at_80 is None:
        _store(offer, warned_at_80=use.warns_at or now)
    else:
        return
    data = {
        "offer": offer.pk,
        "concern": offer.concern_id,
        "level": use.level,
        "used": use.used_minutes,
        "left": use.remaining_minutes,
    }
    record(ticket, "offer.warned", actor=actor, now=now, data=data, public=True)


def _exhaust(offer: CostOffer, use: OfferUse, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    if use.remaining_minutes == 0 and offer.status == OfferStatus.ACCEPTED:
        workflow.apply(offer, "exhaust", ticket=ticket, actor=actor, now=now)
    elif use.remaining_minutes > 0 and offer.status == OfferStatus.EXHAUSTED:
        workflow.apply(offer, "refill", ticket=ticket, actor=actor, now=now)


def _move_concern(concern: Concern, found: Consumption, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    if concern.status == ConcernStatus.ACCEPTED and not found.has_left:
        apply_concern(concern, "reach_cap", ticket=ticket, actor=actor, now=now)
    elif concern.status == ConcernStatus.CAP_REACHED and found.has_left:
        apply_concern(concern, "extend", ticket=ticket, actor=actor, now=now)


def _predict(concern: Concern, uses: Iterable[OfferUse], now: datetime) -> None:
    """Come back when running timers reach a level; a prediction that did not come true finds nothing to do."""
    instants = {
        at for use in uses if use.running for at in (use.warns_at, use.used_up_at) if at is not None and at > now
    }
    for at in sorted(instants):
        key = f"{JOB}:{concern.pk}:{at:%Y%m%d%H%M}"
        enqueue(JOB, at=at, key=key, concern_id=concern.pk)
