"""Recording calls: one button answers under the contract; every call is kept, once, with free minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail

from klarfall.billing.actions.time import start_timer
from klarfall.billing.models import TimeEntry
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony.actions.calls import (
    CallNote,
    CallRefused,
    add_call,
    answer_call,
    assign_call,
    record_call,
    take_up_call,
)
from klarfall.telephony.actions.extensions import ExtensionRefused, set_extension
from klarfall.telephony.actions.portal_link import LinkRefused, suggest_portal
from klarfall.telephony.callers import by_number, find
from klarfall.telephony.jobs import forget_strangers
from klarfall.telephony.models import Call, Extension
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.actions.submit import AlreadySent, NewRequest
from klarfall.tickets.models import Assessment, Message, Ticket
from tests.cast import NOW, concern_of, fresh, make_contact, make_customer
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
NOTE = "Der Lauf wird unter Extras gestartet; es hat gleich geklappt."


def note(**values):
    fields = {"started_at": NOW - timedelta(minutes=4), "ended_at": NOW, "outcome": "answered", "note": NOTE}
    return CallNote(**{**fields, "number": "0211/123-45 67", **values})


def asked(cast, **values):
    fields = {"product": cast.erp, "title": "Wo startet der Mahnlauf?", "description": "Wo startet der Mahnlauf?"}
    return NewRequest(**{**fields, "channel": "phone", **values})


def test_one_button_does_everything_in_one_step(cast):
    """Request, covered assessment with the note as its basis, free minutes, solution, one mail, the call."""
    found = answer_call(
        cast.bernd, call=note(), request=asked(cast), item=cast.item("COV-USE"), actor=cast.anna, now=NOW
    )
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get()
        assessment, entry = Assessment.objects.select_related("sealed", "item").get(), TimeEntry.objects.get()
        messages = [(one.from_customer, one.text) for one in Message.objects.order_by("pk")]
    assert (ticket.status, ticket.channel, ticket.solution) == ("resolved", "phone", NOTE)
    assert (assessment.outcome, assessment.item.code, assessment.sealed.data["call_note"]) == (
        "covered",
        "COV-USE",
        NOTE,
    )
    assert (entry.purpose, entry.channel, entry.minutes) == ("triage", "phone", 4)
    assert messages == [(True, "Wo startet der Mahnlauf?"), (False, NOTE)]
    assert (found.ticket_id, found.customer_id, found.number_e164) == (ticket.pk, cast.acme.pk, "+492111234567")
    run_jobs()
    (letter,) = mail.outbox
    assert letter.to == ["Bernd <bernd@acme.example>"]
    assert NOTE in letter.body


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"note": " "}, "note"),
        ({"outcome": "sold"}, "outcome"),
        ({"direction": "sideways"}, "direction"),
        ({"ended_at": NOW + timedelta(minutes=1)}, "ended"),
        ({"started_at": NOW + timedelta(minutes=1)}, "ended"),
        ({"started_at": NOW - timedelta(days=2)}, "ended"),
        ({"number": "1" * 50}, "number"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(cast, wrong, field):
    """Without a note that the customer can read nothing is assessed (R39); one refusal undoes all of it."""
    with pytest.raises(Refused) as problem:
        answer_call(
            cast.bernd, call=note(**wrong), request=asked(cast), item=cast.item("COV-USE"), actor=cast.anna, now=NOW
        )
    assert problem.value.field == field
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()
        assert not Call.objects.exists()


def test_the_button_is_for_covered_items_only(cast):
    """A chargeable item needs a cost notice; the request is not even opened."""
    with pytest.raises(Refused):
        answer_call(cast.bernd, call=note(), request=asked(cast), item=cast.item("CHG-CONF"), actor=cast.anna, now=NOW)
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()


def test_a_running_timer_keeps_its_minutes(cast, make_ticket):
    """Nobody works twice at a time (INV-22): the call is recorded, its minutes stay with the running timer."""
    other = make_ticket(now=NOW - timedelta(hours=1))
    start_timer(
        concern_of(other), purpose="triage", channel="internal", actor=cast.anna, now=NOW - timedelta(minutes=9)
    )
    answer_call(cast.bernd, call=note(), request=asked(cast), item=cast.item("COV-USE"), actor=cast.anna, now=NOW)
    with viewing_as(SYSTEM):
        assert TimeEntry.objects.get().ticket_id == other.pk
        assert Call.objects.get().ticket.status == "resolved"


def test_a_call_becomes_a_request_once(cast):
    """A second click is refused by the request itself; the call is there once."""
    call = note(outcome="needs_work")
    take_up_call(cast.bernd, call=call, request=asked(cast), actor=cast.anna, now=NOW)
    with pytest.raises(AlreadySent):
        take_up_call(cast.bernd, call=call, request=asked(cast), actor=cast.anna, now=NOW)
    with viewing_as(SYSTEM):
        assert Call.objects.get().ticket == Ticket.objects.get()
        assert TimeEntry.objects.get().purpose == "triage"


def test_somebody_unknown_is_kept_found_and_assigned_later(cast):
    """Name, company and number stay; once known it is a request of that contact, and only once."""
    call = note(outcome="needs_work", name="Frau Neu", company="Neu GmbH")
    kept = record_call(call, actor=cast.anna, now=NOW)
    assert record_call(call, actor=cast.anna, now=NOW).pk == kept.pk
    done = assign_call(kept, contact=cast.bernd, request=asked(cast), actor=cast.anna, now=NOW)
    assert (done.contact_id, done.customer_id) == (cast.bernd.pk, cast.acme.pk)
    with pytest.raises(CallRefused):
        assign_call(kept, contact=cast.bernd, request=asked(cast, title="Noch einmal"), actor=cast.anna, now=NOW)
    with viewing_as(SYSTEM):
        assert Ticket.objects.count() == 1


def test_a_call_is_added_to_a_request(cast, make_ticket):
    """What was said stands in the conversation; of nobody reached only the call is kept."""
    ticket = make_ticket(now=NOW - timedelta(hours=1))
    add_call(ticket, contact=cast.bernd, call=note(), actor=cast.anna, now=NOW)
    silent = note(outcome="nobody", note="Anrufbeantworter", started_at=NOW - timedelta(minutes=1))
    add_call(ticket, contact=cast.bernd, call=silent, actor=cast.anna, now=NOW)
    with viewing_as(SYSTEM):
        texts = [one.text for one in Message.objects.filter(ticket=ticket, from_customer=False)]
        assert texts == [NOTE]
        assert Call.objects.filter(ticket=ticket).count() == 2
    with pytest.raises(CallRefused):
        add_call(ticket, contact=cast.clara, call=note(), actor=cast.anna, now=NOW)


def test_customers_record_nothing(cast):
    with pytest.raises(NotAllowed):
        record_call(note(), actor=cast.bernd.user, now=NOW)


def test_callers_by_number(cast):
    """The exact number first, several people who share one, then the house; strangers and hidden numbers nobody."""
    with viewing_as(SYSTEM):
        for contact, phone, number in (
            (cast.bernd, "0211 12345-67", "+492111234567"),
            (cast.astrid, "0211/1234567", "+492111234567"),
            (cast.clara, "0211 98765-0", "+49211987650"),
        ):
            contact.phone, contact.phone_e164 = phone, number
            contact.save()
        assert [one.user.name for one in find("0211/123-45 67").known] == ["Astrid", "Bernd"]
        assert [one.user.name for one in find("0211 98765-12").perhaps] == ["Clara"]
        assert [one.user.name for one in find("0211 12345 99").perhaps] == ["Bernd"]
        assert [one.user.name for one in find("0211/987").known] == ["Clara"]
        assert find("030 5555555").first is None
        assert by_number("").first is None
        assert find("clara borealis").first == cast.clara


def test_an_erased_person_leaves_no_number(cast):
    answer_call(cast.bernd, call=note(), request=asked(cast), item=cast.item("COV-USE"), actor=cast.anna, now=NOW)
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    run_jobs()
    with viewing_as(SYSTEM):
        call = Call.objects.get()
        assert (call.number, call.number_e164, call.note) == ("", "", "")
        assert fresh(cast.bernd).phone_e164 == ""


def test_callers_whom_nobody_knows_are_forgotten_in_time(cast, make_ticket, settings):
    settings.CALL_RETENTION_DAYS = 30
    stranger = {"name": "Frau Fremd", "company": "Fremd GmbH", "number": "030 1234567"}
    with viewing_as(SYSTEM):
        old = record_call(note(**stranger), actor=cast.anna, now=NOW)
        known = record_call(note(), contact=cast.bernd, actor=cast.anna, now=NOW)
        began = NOW + timedelta(days=2)
        new = record_call(note(**stranger, started_at=began, ended_at=began), actor=cast.anna, now=began)
        assert forget_strangers(NOW + timedelta(days=30)) == 0
        assert forget_strangers(NOW + timedelta(days=31)) == 1
        assert forget_strangers(NOW + timedelta(days=31)) == 0
        for one in (old, known, new):
            one.refresh_from_db()
    assert (old.number, old.number_e164, old.name, old.company, old.note) == ("",) * 5
    assert (old.outcome, old.ended_at, old.agent) == ("answered", NOW, cast.anna)
    assert (known.number, known.note, new.name, new.number) == ("0211/123-45 67", NOTE, "Frau Fremd", "030 1234567")


def test_the_link_into_the_request_goes_out_once(cast, make_ticket):
    """*Add it in the portal*: one mail with the address of this very request (R57)."""
    ticket = make_ticket(now=NOW - timedelta(hours=1))
    run_jobs()
    mail.outbox.clear()
    suggest_portal(ticket, actor=cast.anna, now=NOW)
    with pytest.raises(LinkRefused):
        suggest_portal(ticket, actor=cast.anna, now=NOW + timedelta(minutes=1))
    run_jobs()
    (letter,) = mail.outbox
    assert f"/requests/{ticket.number}/#reply" in letter.body


def test_extensions_belong_to_one_person(cast):
    """Everybody sets their own, nobody somebody else's; the same extension cannot ring twice."""
    assert set_extension(cast.anna, number="21", actor=cast.anna, now=NOW).number == "21"
    for user, number, actor in ((cast.dora, "21", cast.dora), (cast.dora, "x;--", cast.dora)):
        with pytest.raises(ExtensionRefused):
            set_extension(user, number=number, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        set_extension(cast.anna, number="22", actor=cast.dora, now=NOW)
    assert set_extension(cast.anna, number="", actor=cast.anna, now=NOW) is None
    with viewing_as(SYSTEM):
        assert not Extension.objects.exists()


def test_numbers_of_contacts_are_read_when_they_are_saved(cast):
    """The actions keep the readable number beside the written one."""
    from klarfall.customers.actions.contacts import ContactData, add_contact, change_contact

    firm = make_customer("Neubau")
    data = ContactData(email="nina@neubau.example", name="Nina", phone="0221/ 55 66-7 00")
    nina = add_contact(firm, data=data, actor=cast.dora, now=NOW)
    assert nina.phone_e164 == "+4922155667 00".replace(" ", "")
    change_contact(nina, data=replace(data, phone=""), actor=cast.dora, now=NOW)
    assert fresh(nina).phone_e164 == ""
    assert make_contact("Otto", firm).phone_e164 == ""
