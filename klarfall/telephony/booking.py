"""Which slots of a calendar are still free, and a place in one of them."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Count

from klarfall.contracts.models import Product
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.queries import hours_of
from klarfall.telephony.models import CallbackWish
from klarfall.telephony.slots import Slot, slots
from klarfall.telephony.status import CallbackStatus
from klarfall.tickets.intake import calendar_of

#: Further ahead nobody can have chosen a slot: five service days never take longer than the clock's horizon.
_AHEAD = timedelta(days=400)


def free_slots(calendar: ServiceCalendar, now: datetime) -> list[Slot]:
    """The slots one may choose now.

    Counts the wishes of all customers; only begins of full slots come out, nothing about anybody.
    """
    return slots(now, hours_of(calendar), full=_full(calendar, now))


def slots_for_new(contact: Contact, product: Product, now: datetime) -> list[Slot]:
    """The slots for a request that the contact would open now; its hours may be those of another contract."""
    with viewing_as(SYSTEM):
        calendar = calendar_of(contact, product, now)
    return free_slots(calendar, now) if calendar else []


def free_place(calendar: ServiceCalendar, start: datetime) -> int | None:
    """The first place of a slot that nobody has; None when it is full. For actions, which see all wishes."""
    rows = CallbackWish.objects.filter(calendar=calendar, slot_start=start, status=CallbackStatus.OPEN)
    taken = set(rows.values_list("place", flat=True))
    if len(taken) >= calendar.callback_places:  # some on places beyond, from when there were more
        return None
    return next((one for one in range(1, calendar.callback_places + 1) if one not in taken), None)


def _full(calendar: ServiceCalendar, now: datetime) -> set[datetime]:
    with viewing_as(SYSTEM):
        rows = CallbackWish.objects.filter(
            calendar=calendar, status=CallbackStatus.OPEN, slot_start__gt=now, slot_start__lt=now + _AHEAD
        )
        counted = Counter(dict(rows.values_list("slot_start").annotate(taken=Count("pk")).order_by()))
    return {start for start, taken in counted.items() if taken >= calendar.callback_places}
