"""Grant goodwill (Kulanz): the customer pays less, with a reason they read; the assessment stays (INV-23)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.accounts.permissions import StaffRole
from klarfall.billing.engine import ConcernFacts, round2
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine, Goodwill
from klarfall.billing.waiving import NOTHING, Effect, Scope, effect, scope, value
from klarfall.core import audit, vendor
from klarfall.core.action import Refused, action
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets import text
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked_concern
from klarfall.tickets.models import Concern, Ticket
from klarfall.ui.formats import duration, money

__all__ = ["GoodwillRefused", "grant_goodwill", "preview"]

_REASON = 400


class GoodwillRefused(Refused):
    """Goodwill cannot be granted like this; `field` says what is wrong."""

    code = "goodwill_refused"


@action
def grant_goodwill(
    concern: Concern,
    *,
    minutes: int = 0,
    net: Decimal = NOTHING,
    reason: str,
    grants_seen: int | None = None,
    actor: Any,
    now: datetime,
) -> Goodwill:
    """Leave minutes, a net amount or both out of the bill of a concern (section 6, rule 6; INV-23).

    On tickets of any state, also when the minutes were billed: the next run credits them. Specialists grant up to the
    vendor's limit per concern, leads without limit. `grants_seen` is the number of grants that the form knew of:
    with another one the request is a repetition and refused. Raises GoodwillRefused, NotAllowed or UnusableText.
    """
    permissions.require("goodwill.grant", actor)
    words = text.line(reason, field="reason", limit=_REASON)
    _check_amounts(minutes, net)
    concern, ticket = locked_concern(concern)
    facts = facts_of([concern])[concern.pk]
    if grants_seen is not None and grants_seen != len(facts.goodwill):
        raise GoodwillRefused(_("Goodwill was granted here meanwhile. Please look at the figures again."))
    found = _checked(concern, facts, minutes=minutes, net=net, actor=actor, now=now)
    granted = Goodwill.objects.create(
        customer_id=ticket.customer_id,
        ticket=ticket,
        concern=concern,
        minutes=minutes,
        net=net,
        reason=words,
        granted_by=actor,
        granted_at=now,
    )
    _announce(granted, found, ticket=ticket, actor=actor, now=now)
    return granted


def preview(concern: Concern, *, minutes: int = 0, net: Decimal = NOTHING, actor: Any, now: datetime) -> Effect:
    """What the customer would pay before and after; raises GoodwillRefused as granting would.

    Not an action: it writes nothing.
    """
    _check_amounts(minutes, net)
    with viewing_as(SYSTEM):
        facts = facts_of([concern])[concern.pk]
        return _checked(concern, facts, minutes=minutes, net=net, actor=actor, now=now)


def _check_amounts(minutes: int, net: Decimal) -> None:
    """Refuse what is no amount: nothing, negative, fractions of a minute or of a cent."""
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 0:
        raise GoodwillRefused(_("Please enter whole minutes above zero."), field="minutes")
    if not isinstance(net, Decimal) or not net.is_finite() or net < 0 or net != round2(net):
        raise GoodwillRefused(_("Please enter an amount above zero with at most two decimals."), field="net")
    if not minutes and not net:
        raise GoodwillRefused(_("Please enter minutes or an amount."), field="minutes")


def _checked(concern: Concern, facts: ConcernFacts, *, minutes: int, net: Decimal, actor: Any, now: datetime) -> Effect:
    """The effect of a grant that is possible and that the actor may make."""
    most = scope(facts, now)
    if most is None:
        raise GoodwillRefused(_("Nothing was commissioned here, so there is nothing that goodwill could lower."))
    if minutes > most.minutes:
        raise GoodwillRefused(
            _("That is more than the customer has commissioned: at most %(most)s.") % {"most": duration(most.minutes)},
            field="minutes",
        )
    if net > most.net:
        raise GoodwillRefused(
            _("That is more than the customer has commissioned: at most %(most)s.") % {"most": money(most.net)},
            field="net",
        )
    found = effect(facts, minutes=minutes, net=net, now=now)
    if found.before == 0:
        raise GoodwillRefused(_nothing_to_pay(facts))
    _check_limit(concern, most, minutes=minutes, net=net, actor=actor)
    return found


def _nothing_to_pay(facts: ConcernFacts) -> str:
    if facts.goodwill:
        return _("Everything that the customer would pay here has been left out already.")
    return _("The customer pays nothing here as things stand, so there is nothing that goodwill could lower.")


def _check_limit(concern: Concern, most: Scope, *, minutes: int, net: Decimal, actor: Any) -> None:
    """All that specialists granted on this concern stays within the vendor's limit; leads are free (section 7)."""
    if StaffRole.LEAD in permissions.roles_of(actor):
        return
    rows = Goodwill.objects.filter(concern=concern).exclude(granted_by__staff_roles__contains=[StaffRole.LEAD])
    so_far = list(rows.values_list("minutes", "net"))
    limit = vendor.current().goodwill_limit
    if value([*so_far, (minutes, net)], most.rate) <= limit:
        return
    values = {"limit": money(limit), "left": money(max(NOTHING, limit - value(so_far, most.rate)))}
    people = _leads()
    sentence = _("Specialists grant up to %(limit)s for one concern; %(left)s of it are left.") % values
    if people:
        sentence += " " + _("These people may grant more: %(people)s.") % {"people": ", ".join(people)}
    raise GoodwillRefused(sentence, field="minutes" if minutes else "net")


def _leads() -> list[str]:
    rows = User.objects.filter(kind="staff", is_active=True, staff_roles__contains=[StaffRole.LEAD])
    return list(rows.order_by("name").values_list("name", flat=True))


def _announce(granted: Goodwill, found: Effect, *, ticket: Ticket, actor: Any, now: datetime) -> None:
    """Write the grant into the history (customers read it and are told) and into the audit trail.

    `credited` is what was billed already and is given back by the next run.
    """
    billed = BillingLine.objects.filter(concern=granted.concern_id).aggregate(net=Sum("net"))["net"] or NOTHING
    data = {
        "goodwill": granted.pk,
        "concern": granted.concern_id,
        "minutes": granted.minutes,
        "net": str(granted.net),
        "before": str(found.before),
        "after": str(found.after),
        "credited": str(max(NOTHING, billed - found.after)),
    }
    record(
        ticket,
        "goodwill.granted",
        actor=actor,
        now=now,
        data=data,
        sealed=seal(ticket, granted.reason),
        public=True,
    )
    audit.record("goodwill.grant", granted, actor=actor, now=now, data={"ticket": ticket.pk, **data})
