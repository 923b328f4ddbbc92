"""What a concern costs so far, in the words of its card: used of the cap, the bill once it is done, goodwill. Pure."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from klarfall.billing.story import Story
from klarfall.billing.waiving import NOTHING, net_of_concern
from klarfall.tickets.models import Concern
from klarfall.tickets.status import ConcernStatus as C
from klarfall.ui.formats import duration, money

#: Nothing more is used here, so the card says what is billed instead of what was used.
_SETTLED = (C.DONE, C.STOPPED)


def consumed(story: Story, concern: Concern) -> dict[str, Any]:
    """What was used of the accepted offers of a concern, extensions included; empty before an acceptance."""
    found = [story.used[offer.pk] for offer in story.offers_of(concern) if offer.pk in story.used]
    if not found:
        return {}
    minutes, used, left = sum(u.minutes for u in found), sum(u.used for u in found), sum(u.left for u in found)
    values = {"used": duration(used), "all": duration(minutes), "left": duration(left)}
    text = _("%(used)s of %(all)s used, %(left)s left") if left else _("%(used)s of %(all)s used")
    net, note = _net(story, concern, sum((u.used_net for u in found), NOTHING))
    sums = {"used": money(net), "cap": money(sum(u.net for u in found))}
    return {
        "cost_total": _("%(used)s of %(cap)s") % sums,
        "cost_note": note,
        "used_percent": min(100.0, used * 100 / minutes) if minutes else 0.0,
        "used_text": text % values,
    }


def _net(story: Story, concern: Any, used: Decimal) -> tuple[Decimal, str]:
    """The amount of the card and what it is made of: exact so far, or as it will be billed."""
    facts = story.facts.get(concern.pk)
    if facts is None or not (facts.goodwill or concern.status in _SETTLED):
        return used, _("net, exact minutes; rounded up once at the end, never above the cap")
    net = net_of_concern(facts, story.now)
    if not facts.goodwill:
        return net, _("net, as it is billed: rounded up once, never above the cap")
    without = net_of_concern(replace(facts, goodwill=()), story.now)
    values = {"amount": money(without - net), "reason": " · ".join(one["reason"] for one in concern.goodwill_rows)}
    return net, _("net, as it is billed, after goodwill of %(amount)s: %(reason)s") % values
