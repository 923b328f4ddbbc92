"""The demo's telephone: a question that was answered at once, calls of people nobody knows, and who waits for a call."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from klarfall.contracts.models.product import ChannelKind
from klarfall.customers.models import Contact
from klarfall.demo.scene import Cast
from klarfall.demo.schedule import Schedule
from klarfall.service_levels.queries import hours_of
from klarfall.telephony.actions.callbacks import Wish, request_callback
from klarfall.telephony.actions.calls import CallNote, answer_call, record_call
from klarfall.telephony.actions.extensions import set_extension
from klarfall.telephony.slots import slots
from klarfall.tickets.actions.submit import NewRequest
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import TicketStatus

Moment = Callable[[datetime], None]
_AGENT = "Katrin Vogt"
_MINUTE = timedelta(minutes=1)


def moments(cast: Cast, schedule: Schedule) -> Iterator[tuple[datetime, Moment]]:
    """What happens on the phone in the last hour, and how it is written down."""
    now = schedule.now
    yield now - 38 * _MINUTE, lambda at: _stranger(cast, at)
    yield now - 27 * _MINUTE, lambda at: _answered(cast, at)
    yield now - 21 * _MINUTE, lambda at: _wrong_number(cast, at)
    yield now - 14 * _MINUTE, lambda at: _wished(cast, "Doreen Pohl", None, at)
    yield now - 12 * _MINUTE, lambda at: _wished(cast, "Petra Sommer", 2, at)


def _stranger(cast: Cast, at: datetime) -> None:
    """Somebody who is not on file wants to know whether one can buy."""
    call = CallNote(
        started_at=at - 3 * _MINUTE, ended_at=at, outcome="callback", number="089 / 99998-420",
        name="Herr Wieland", company="Hausverwaltung am Park",
        note="Fragt, ob eine Probestellung möglich ist. Weitergeben an den Vertrieb, Rückruf versprochen.",
    )  # fmt: skip
    record_call(call, actor=cast.staff[_AGENT], now=at)
    set_extension(cast.staff[_AGENT], number="21", actor=cast.staff[_AGENT], now=at)


def _answered(cast: Cast, at: datetime) -> None:
    """The one button: answered, covered by the contract."""
    contact = cast.contacts["Doreen Pohl"]
    note = (
        "Die Sollliste wird unter Auswertungen, Mieten, Sollliste geöffnet; mit dem Stichtag erscheint auch der "
        "Vormonat. Frau Pohl hat es am Telefon ausprobiert, es passt."
    )
    call = CallNote(started_at=at - 4 * _MINUTE, ended_at=at, outcome="answered", number=contact.phone, note=note)
    asked = "Wo finde ich die Sollliste des Vormonats?"
    request = NewRequest(
        product=cast.products["powerhaus"], title=asked, description=f"Am Telefon gefragt: {asked}",
        channel=ChannelKind.PHONE, impact="minor",
    )  # fmt: skip
    item = cast.items["COV-QUESTION"]
    answer_call(contact, call=call, request=request, item=item, actor=cast.staff[_AGENT], now=at)


def _wrong_number(cast: Cast, at: datetime) -> None:
    call = CallNote(started_at=at - _MINUTE, ended_at=at, outcome="wrong_number", number="0221 / 4710-999")
    record_call(call, actor=cast.staff[_AGENT], now=at)


def _wished(cast: Cast, name: str, place: int | None, at: datetime) -> None:
    """A wish about the newest request of a contact that still waits; the slot is the `place`-th of those that come."""
    contact: Any = cast.contacts[name]
    ticket = _newest(contact)
    if ticket is None:
        return
    slot = None if place is None else slots(at, hours_of(ticket.calendar))[place]
    wish = Wish(number=contact.phone, start=slot.start if slot else None, about="Kurze Frage zum weiteren Vorgehen")
    request_callback(ticket, contact=contact, wish=wish, actor=contact.user, now=at)


def _newest(contact: Contact) -> Ticket | None:
    live = Ticket.objects.filter(contact=contact, status__in=list(_LIVE)).select_related("calendar")
    found: Ticket | None = live.order_by("-pk").first()
    return found


_LIVE = (TicketStatus.NEW, TicketStatus.IN_REVIEW, TicketStatus.IN_PROGRESS, TicketStatus.WAITING_FOR_DECISION)
