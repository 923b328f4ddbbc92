"""Which calls ring or run at somebody's telephone now, with whom it could be; asked every few seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from klarfall.telephony.callers import Callers, by_number
from klarfall.telephony.models import Call, LiveCall

#: A call that nobody answered rings no longer than this.
_RINGS = timedelta(minutes=2)
#: A call that has ended without being recorded is offered so long.
_AFTER = timedelta(minutes=10)
_LONGEST = timedelta(hours=4)
_MOST = 3


@dataclass(frozen=True)
class Ringing:
    """A call at my telephone, and who it could be."""

    call: LiveCall
    callers: Callers


def ringing_for(user: Any, now: datetime) -> list[Ringing]:
    """My calls that are not recorded yet, the newest first; a few small queries."""
    mine = Q(agent=user) | Q(agent__isnull=True, answered_at__isnull=True)
    going = (
        Q(ended_at__isnull=True, answered_at__isnull=False)
        | Q(ended_at__isnull=True, answered_at__isnull=True, changed_at__gt=now - _RINGS)
        | Q(ended_at__gt=now - _AFTER, answered_at__isnull=False)
    )
    kept = Exists(Call.objects.filter(live=OuterRef("pk")))
    rows = LiveCall.objects.filter(mine, going, ~kept, changed_at__gt=now - _LONGEST).order_by("-changed_at")
    return [Ringing(one, by_number(one.number_e164)) for one in rows[:_MOST]]
