"""Wishes to be called back: slots with places, one per request, told by mail, attempts counted."""

from datetime import timedelta

import pytest
from django.core import mail

from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.service_levels.actions.calendars import CalendarData, change_calendar
from klarfall.telephony.actions.callbacks import (
    MOST_SLOTS,
    CallbackRefused,
    Wish,
    cancel_callback,
    miss_contact,
    reach_contact,
    request_call,
    request_callback,
)
from klarfall.telephony.actions.calls import CallNote, add_call
from klarfall.telephony.booking import free_slots
from klarfall.telephony.models import CallbackWish
from klarfall.tickets.actions.submit import NewRequest
from klarfall.tickets.models import Ticket, TicketEvent
from tests.cast import NOW, berlin, fresh, make_contact, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
TEN = berlin("2026-11-24 10:00")
PLACES = 2


def offer_places(cast, places):
    """So many callbacks in half an hour; the calendar as it is then."""
    with viewing_as(SYSTEM):
        data = CalendarData(name=cast.calendar.name, callback_places=places)
        return change_calendar(cast.calendar, data=data, actor=make_staff(f"Ada{places}", "administrator"), now=NOW)


def wish(**values):
    return Wish(**{"number": "0211/123-45 67", "start": TEN, **values})


@pytest.fixture
def ticket(make_ticket):
    found = make_ticket(now=NOW)
    run_jobs()
    mail.outbox.clear()
    return found


def wished(ticket, contact, **values):
    return request_callback(ticket, contact=contact, wish=wish(**values), actor=contact.user, now=NOW)


def test_a_slot_is_agreed_told_and_taken_back(ticket, cast):
    found = wished(ticket, cast.bernd, about="Mahnlauf")
    assert (found.slot_start, found.place, found.number_e164) == (TEN, 1, "+492111234567")
    run_jobs()
    (letter,) = mail.outbox
    assert "10:00" in letter.body
    assert "10:30" in letter.body
    cancel_callback(found, actor=cast.bernd.user, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        cancel_callback(found, actor=cast.bernd.user, now=NOW)
    assert wished(ticket, cast.bernd).place == 1
    with viewing_as(SYSTEM):
        kinds = TicketEvent.objects.filter(kind__startswith="callback.").order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["callback.wished", "callback.cancelled", "callback.wished"]


def test_one_customer_leaves_slots_to_the_others(make_ticket, cast):
    for number in range(MOST_SLOTS):
        contact = make_contact(f"P{number}", cast.acme)
        wished(make_ticket(contact=contact, now=NOW), contact, start=TEN + timedelta(minutes=30) * number)
    last = make_ticket(now=NOW)
    with pytest.raises(CallbackRefused):
        wished(last, cast.bernd, start=TEN + timedelta(days=1))
    assert wished(last, cast.bernd, start=None).place is None
    by_us = make_ticket(title="Noch eine", now=NOW)
    given = wish(start=TEN + timedelta(days=1))
    assert request_callback(by_us, contact=cast.bernd, wish=given, actor=cast.anna, now=NOW).place == 1


def test_a_slot_takes_so_many_and_no_more(make_ticket, cast):
    """The next one is refused, and the slot is no longer offered; nobody learns whose the others are."""
    offer_places(cast, PLACES)
    for number in range(PLACES):
        contact = make_contact(f"P{number}", cast.acme)
        wished(make_ticket(contact=contact, now=NOW), contact)
    assert TEN not in [one.start for one in free_slots(fresh(cast.calendar), NOW)]
    with pytest.raises(CallbackRefused) as problem:
        wished(make_ticket(contact=cast.clara, now=NOW), cast.clara)
    assert problem.value.field == "slot"
    for places, is_offered in ((1, False), (PLACES + 1, True)):
        calendar = offer_places(cast, places)
        assert (TEN in [one.start for one in free_slots(calendar, NOW)]) == is_offered
    later = make_ticket(contact=cast.clara, title="Doch noch", now=NOW)
    assert wished(later, cast.clara).place == PLACES + 1


def test_fewer_places_than_are_taken_are_no_free_ones(make_ticket, cast, system):
    wished(make_ticket(now=NOW), cast.bernd)
    CallbackWish.objects.update(place=PLACES)  # those before it were called back
    offer_places(cast, 1)
    with pytest.raises(CallbackRefused) as problem:
        wished(make_ticket(contact=cast.clara, now=NOW), cast.clara)
    assert problem.value.field == "slot"


def test_as_soon_as_possible_needs_no_place(make_ticket, cast):
    for number in range(PLACES + 2):
        contact = make_contact(f"P{number}", cast.acme)
        found = wished(make_ticket(contact=contact, now=NOW), contact, start=None)
        assert (found.slot_start, found.place, found.due_at) == (None, None, NOW)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start": berlin("2026-11-24 08:30")}, "slot"),
        ({"start": berlin("2026-11-24 10:15")}, "slot"),
        ({"start": berlin("2026-11-28 10:00")}, "slot"),
        ({"start": berlin("2026-12-14 10:00")}, "slot"),
        ({"number": "ruf an"}, "phone"),
        ({"number": ""}, "phone"),
        ({"about": "x" * 401}, "about"),
    ],
)
def test_what_cannot_be_agreed(ticket, cast, values, field):
    with pytest.raises(Refused) as problem:
        wished(ticket, cast.bernd, **values)
    assert problem.value.field == field


def test_one_open_wish_per_request(ticket, cast):
    wished(ticket, cast.bernd)
    with pytest.raises(CallbackRefused):
        wished(ticket, cast.bernd, start=None)


def test_nobody_wishes_for_others(ticket, cast):
    """Not for a colleague, not about a request one does not see, not at another company."""
    with pytest.raises(CallbackRefused):
        request_callback(ticket, contact=cast.astrid, wish=wish(), actor=cast.bernd.user, now=NOW)
    with pytest.raises(NotAllowed):
        request_callback(ticket, contact=cast.clara, wish=wish(), actor=cast.clara.user, now=NOW)
    with pytest.raises(NotAllowed):
        wished(ticket, cast.astrid)
    found = wished(ticket, cast.bernd)
    for stranger in (cast.clara, cast.astrid):
        with pytest.raises(NotAllowed):
            cancel_callback(found, actor=stranger.user, now=NOW)
    for handle in (reach_contact, miss_contact):
        with pytest.raises(NotAllowed):
            handle(found, actor=cast.bernd.user, now=NOW)


def test_three_attempts_and_the_customer_hears_of_each(ticket, cast):
    found = wished(ticket, cast.bernd)
    run_jobs()
    mail.outbox.clear()
    for attempt in range(1, 4):
        miss_contact(fresh(found), actor=cast.anna, now=NOW + timedelta(minutes=attempt))
        run_jobs()
    assert len(mail.outbox) == 3
    assert "nicht von selbst" in mail.outbox[-1].body
    found = fresh(found)
    assert (found.status, found.attempts) == ("missed", 3)
    with pytest.raises(Refused):
        miss_contact(found, actor=cast.anna, now=NOW)


def test_the_recorded_call_fulfils_the_wish(ticket, cast):
    found = wished(ticket, cast.bernd)
    call = {"started_at": TEN, "ended_at": TEN + timedelta(minutes=3), "direction": "outgoing", "callback": found}
    later = TEN + timedelta(minutes=5)
    add_call(
        ticket,
        contact=cast.bernd,
        call=CallNote(**call, outcome="answered", note="Geklärt."),
        actor=cast.anna,
        now=later,
    )
    assert fresh(found).status == "done"


def test_the_contact_page_makes_a_request_and_a_wish_or_nothing(cast):
    """One mail for both; a slot that cannot be leaves no request behind."""
    request = NewRequest(product=cast.erp, title="Rückruf: Mahnlauf", description="Mahnlauf")
    common = {"request": request, "actor": cast.bernd.user, "now": NOW}
    with pytest.raises(CallbackRefused):
        request_call(cast.bernd, wish=wish(start=berlin("2026-11-28 10:00")), **common)
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()
    found = request_call(cast.bernd, wish=wish(), **common)
    run_jobs()
    (letter,) = mail.outbox
    assert str(found.ticket.number) in letter.subject


def test_customers_see_their_own_wishes_only(ticket, cast):
    """The row follows the request: whoever does not see it does not see the wish."""
    from django.utils import timezone

    from klarfall.core.isolation import NOBODY, viewer_for

    wished(ticket, cast.bernd)
    for person, number in ((cast.bernd, 1), (cast.astrid, 0), (cast.clara, 0)):
        with viewing_as(NOBODY):
            viewer = viewer_for(person.user, timezone.localdate())
        with viewing_as(viewer):
            assert CallbackWish.objects.count() == number
