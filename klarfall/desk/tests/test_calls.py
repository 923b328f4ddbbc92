"""Calls at the desk: found by number or name, recorded by one button, kept of strangers, called back in time."""

import re
from datetime import timedelta

import pytest

from klarfall.billing.actions.links import issue_phone_code
from klarfall.billing.tests.steps import send as send_offer
from klarfall.contracts import channels
from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.forms.call import first_sentence
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.telephony.actions.callbacks import Wish, request_callback
from klarfall.telephony.models import Call, CallbackWish
from klarfall.tickets.models import Message, Ticket, TicketEvent
from tests.cast import berlin, concern_of, fresh

pytestmark = pytest.mark.django_db
NOTE = "Der Lauf startet unter Extras. Es hat geklappt."


@pytest.fixture
def numbered(cast):
    """Bernd's number is on file."""
    with viewing_as(SYSTEM):
        cast.bernd.phone, cast.bernd.phone_e164 = "0211 12345-67", "+492111234567"
        cast.bernd.save()
    return cast.bernd


def call_data(cast, **more):
    started = "2026-11-24T08:56:30"
    return {
        "note": NOTE,
        "product": cast.erp.pk,
        "channel": "phone",
        "direction": "incoming",
        "started": started,
        **more,
    }


def test_a_caller_is_found_by_any_part_of_name_company_or_number(annas, acme, bernd, numbered):
    for query in (
        "ber",
        "acme",
        acme.number,
        "bernd acme",
        "bernd@",
        "0211/123 45 67",
        "0049 211 12",
        "(0211) 12345-99",
    ):
        assert at("call-of", bernd.pk) in text(annas.get(at("call"), {"q": query})), query
    assert at("call-of", bernd.pk) not in text(annas.get(at("call"), {"q": "borealis bernd"}))
    assert 'class="card empty"' in text(annas.get(at("call"), {"q": "%"}))


def test_enter_takes_the_first_and_typing_shows_a_part(annas, bernd, numbered):
    """Without script Enter sends `take`; with it results come while somebody types."""
    answer = annas.get(at("call"), {"q": "0211/1234567", "take": "1"})
    assert answer["Location"].startswith(at("call-of", bernd.pk) + "?q=0211")
    part = text(annas.get(at("call"), {"q": "bern"}, HTTP_HX_REQUEST="true"))
    assert "<html" not in part
    assert at("call-of", bernd.pk) in part
    assert annas.get(at("call"), {"q": "gibtesnicht", "take": "1"}).status_code == 200


def test_the_page_of_a_call_shows_what_is_open_and_prefills(annas, bernd, ticket, cast, numbered):
    """Number, product and clause are there; only the note is missing."""
    page = text(annas.get(at("call-of", bernd.pk), {"q": "0211/1234567"}))
    assert 'value="0211/1234567"' in page
    assert f'<option value="{cast.erp.pk}" selected' in page
    assert ticket.title in page
    assert re.search(r"<textarea[^>]*autofocus", page)


def test_a_decision_on_the_phone_begins_at_the_call(annas, bernd, ticket, cast, clock):
    """The open cost notice is one click away, with the form for the code that the caller reads out (domain.md, 5)."""
    offer = send_offer(cast, concern_of(ticket), at=clock())
    address = f"{at('ticket', ticket.number)}?open=phone"
    assert address in text(annas.get(at("call-of", bernd.pk)))
    page = text(annas.get(address))
    assert at("phone-decision", offer.number) in page
    assert at("phone-code", offer.number) in page
    code = issue_phone_code(offer, actor=bernd.user, now=clock())
    annas.post(at("phone-decision", offer.number), {"contact": bernd.pk, "code": code, "cap": ""})
    assert fresh(offer).status == "accepted"


def test_one_button_answers_under_the_contract(annas, bernd, cast, clock):
    answer = annas.post(at("call-of", bernd.pk), call_data(cast, do="answered"))
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get()
        call = Call.objects.get()
    assert answer["Location"] == at("ticket", ticket.number)
    assert (ticket.status, ticket.channel, ticket.title) == ("resolved", "phone", "Der Lauf startet unter Extras.")
    assert (call.outcome, call.ticket_id, call.agent_id) == ("answered", ticket.pk, cast.anna.pk)
    assert call.started_at == berlin("2026-11-24 08:56") + timedelta(seconds=30)


def test_without_a_note_nothing_is_recorded(annas, bernd, cast):
    """R39: what the customer cannot read is no basis."""
    page = annas.post(at("call-of", bernd.pk), call_data(cast, do="answered", note=" "))
    assert page.status_code == 422
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()


def test_a_call_becomes_a_request_of_that_person(annas, bernd, cast):
    data = call_data(cast, do="request", title="Mahnung", impact="blocked")
    answer = annas.post(at("call-of", bernd.pk), data)
    with viewing_as(SYSTEM):
        ticket = Ticket.objects.get()
        assert Call.objects.get().outcome == "needs_work"
    assert answer["Location"] == at("ticket", ticket.number)
    assert (ticket.contact_id, ticket.channel, ticket.impact, ticket.title) == (bernd.pk, "phone", "blocked", "Mahnung")
    again = annas.post(at("call-of", bernd.pk), data)
    assert again["Location"] == at("ticket", ticket.number)
    with viewing_as(SYSTEM):
        assert Call.objects.count() == 1


def test_an_incomplete_call_keeps_what_was_typed(annas, bernd, cast):
    with viewing_as(SYSTEM):
        foreign = cast.other.areas.get().pk
    page = annas.post(at("call-of", bernd.pk), call_data(cast, area=foreign, note="Ruft an"))
    assert page.status_code == 422
    assert "Ruft an" in text(page)
    with viewing_as(SYSTEM):
        assert not Ticket.objects.exists()


def test_a_call_about_an_open_request_becomes_a_message(annas, bernd, ticket, cast):
    annas.post(at("call-of", bernd.pk), call_data(cast, do="request", ticket=ticket.pk))
    with viewing_as(SYSTEM):
        assert Message.objects.filter(ticket=ticket, from_customer=False).get().text == NOTE
        assert Ticket.objects.count() == 1


def test_a_foreign_request_cannot_be_chosen(annas, bernd, cast, make_ticket, clock):
    foreign = make_ticket(contact=cast.clara, now=clock())
    page = annas.post(at("call-of", bernd.pk), call_data(cast, do="request", ticket=foreign.pk))
    assert page.status_code == 422


def test_switched_off_ways_are_not_offered(annas, bernd, cast):
    """R11: telephone off means a mail at most; both off, and the product is gone from the form."""
    with viewing_as(SYSTEM):
        ContactChannel.objects.filter(product=cast.erp).delete()
        for kind in ("phone", "email"):
            ContactChannel.objects.create(product=cast.erp, kind=kind, value="x", active=kind != "phone")
    channels.forget()
    assert annas.post(at("call-of", bernd.pk), call_data(cast)).status_code == 422
    assert annas.post(at("call-of", bernd.pk), call_data(cast, channel="email")).status_code == 303
    with viewing_as(SYSTEM):
        ContactChannel.objects.filter(product=cast.erp).update(active=False)
    channels.forget()
    assert (
        cast.erp.name not in text(annas.get(at("call-of", bernd.pk))).split('name="product"')[1].split("</select>")[0]
    )
    channels.forget()


def test_somebody_unknown_is_kept_found_and_becomes_a_request(annas, bernd, cast):
    """Findable by name, company and number in any spelling; assigned with two clicks."""
    data = {
        "name": "Frau Neu", "company": "Neu GmbH", "number": "0221/55 66 77", "note": "Möchte Schulung",
        "outcome": "needs_work", "direction": "incoming", "started": "2026-11-24T08:50:00",
        "ended": "2026-11-24T08:55:00",
    }  # fmt: skip
    assert annas.post(at("unknown-call"), {**data, "name": "", "company": "", "number": ""}).status_code == 422
    assert annas.post(at("unknown-call"), data).status_code == 303
    with viewing_as(SYSTEM):
        call = Call.objects.get()
    for query in ("neu", "gmbh neu", "0221 556677", "schulung"):
        assert at("recorded-call", call.pk) in text(annas.get(at("call"), {"q": query})), query
    assert at("recorded-call", call.pk) in text(annas.get(at("call")))
    page = text(annas.get(at("recorded-call", call.pk), {"q": "bernd"}))
    assert f"{at('call-of', bernd.pk)}?call={call.pk}" in page
    assert "Möchte Schulung" in text(annas.get(at("call-of", bernd.pk), {"call": call.pk}))
    annas.post(f"{at('call-of', bernd.pk)}?call={call.pk}", call_data(cast, do="request"))
    call = fresh(call)
    assert call.contact_id == bernd.pk
    assert call.ticket_id is not None


def test_call_backs_stand_in_order_and_are_handled(annas, bernd, ticket, cast, clock):
    """The list shows what is due; nobody reached keeps it open, the recorded call ends it."""
    wish = Wish(number="0211 1234567", start=berlin("2026-11-24 10:00"), about="Mahnlauf")
    found = request_callback(ticket, contact=bernd, wish=wish, actor=bernd.user, now=clock())
    assert "Mahnlauf" in text(annas.get(at("callbacks")))
    assert "10:30" in text(annas.get(at("ticket", ticket.number)))
    clock.set("2026-11-24 10:45")
    page = text(annas.get(at("callbacks")))
    assert 'class="call-back late"' in page
    annas.post(at("callback", found.pk), {"result": "nobody", "note": "Mailbox"})
    assert fresh(found).attempts == 1
    form = text(annas.get(at("call-of", bernd.pk), {"callback": found.pk}))
    assert f'<option value="{ticket.pk}" selected' in form
    data = call_data(cast, do="add", ticket=ticket.pk, direction="outgoing", started="2026-11-24T10:40:00")
    annas.post(f"{at('call-of', bernd.pk)}?callback={found.pk}", data)
    assert fresh(found).status == "done"
    with viewing_as(SYSTEM):
        assert Call.objects.filter(callback=found).count() == 2


def test_a_call_back_is_agreed_from_the_request(annas, ticket, clock):
    page = text(annas.get(at("new-callback", ticket.number)))
    key = re.search(r'value="(2026-11-25T1[^"]+)"', page)[1]
    answer = annas.post(at("new-callback", ticket.number), {"slot": key.replace("&#43;", "+"), "phone": "0211/1234567"})
    assert answer.status_code == 303, text(answer)[-1500:]
    with viewing_as(SYSTEM):
        assert CallbackWish.objects.get().slot_start is not None
    assert annas.post(at("new-callback", ticket.number), {"slot": "1999", "phone": "1"}).status_code == 422


def test_the_link_into_the_request_is_mailed(annas, ticket):
    for _click in range(2):
        assert annas.post(at("portal-link", ticket.number)).status_code == 303
    with viewing_as(SYSTEM):
        assert TicketEvent.objects.filter(ticket=ticket, kind="portal.suggested").count() == 1


def test_pages_of_calls_stay_within_their_queries(annas, bernd, ticket, clock):
    wish = Wish(number="0211 1234567")
    request_callback(ticket, contact=bernd, wish=wish, actor=bernd.user, now=clock())
    for path in (at("call"), at("call") + "?q=0211/1234", at("call-of", bernd.pk) + "?q=bernd", at("callbacks"),
                 at("new-callback", ticket.number), at("unknown-call")):  # fmt: skip
        found = queries_of(annas, path)
        assert len(found) <= 8, (path, found)


@pytest.mark.parametrize(
    ("note", "title"),
    [
        ("Kurz.", "Kurz."),
        ("Eins. Zwei.", "Eins."),
        ("Geht das? Ja!", "Geht das?"),
        ("Zeile\nzwei", "Zeile"),
        ("x" * 500, "x" * 160),
    ],
)
def test_the_first_sentence_is_the_title(note, title):
    assert first_sentence(note) == title
