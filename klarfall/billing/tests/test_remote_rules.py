"""What must hold for a remote session: one at a time, the way, the agreement, no credentials; forgotten ones end."""

from datetime import timedelta

import pytest
from django.db import connection

from klarfall.accounts.models import User
from klarfall.billing.actions import remote as held
from klarfall.billing.actions import time as times
from klarfall.billing.models import TimeEntry
from klarfall.billing.tests.remote_steps import AGREED, ASKED, agree, ask, begin, kinds, proof
from klarfall.billing.tests.steps import clock
from klarfall.contracts import channels
from klarfall.contracts.models import ContactChannel, ContractLine, Product
from klarfall.contracts.remote_links import LinkRefused
from klarfall.core import vendor
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewer_for, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets.actions import remote
from klarfall.tickets.actions.remote import NoConsent, NoRemoteSession
from klarfall.tickets.actions.reply import write_note
from klarfall.tickets.models import RemoteParticipant, RemoteSession
from tests.cast import NOW, concern_of, fresh, make_contact, make_customer


@pytest.fixture
def ticket(make_ticket):
    return make_ticket()


@pytest.fixture
def concern(ticket):
    return concern_of(ticket)


def test_one_session_at_a_time_is_asked_for(cast, ticket):
    """Two specialists at once: the second sees that there is one."""
    ask(cast, ticket)
    with pytest.raises(NoRemoteSession):
        ask(cast, ticket, actor=cast.dora)


@pytest.mark.parametrize("field", ["purpose", "dpa_reason", "link"])
def test_no_credentials_anywhere(cast, ticket, field):
    text = {"link": "https://a:b@host.example/"}.get(field, "Passwort: geheim")
    with pytest.raises(LinkRefused) as refused:
        ask(cast, ticket, **{field: text})
    assert refused.value.field == field


def test_the_link_of_the_product_takes_the_code(cast, ticket):
    with viewing_as(SYSTEM):
        Product.objects.filter(pk=cast.erp.pk).update(remote_link="remote-tool:{code}")
    session = ask(cast, ticket, code="123 456 789")
    assert (session.link, session.code) == ("remote-tool:123456789", "123 456 789")
    remote.change_access(session, link="https://help.example/7", code="7", actor=cast.anna, now=AGREED)
    assert (fresh(session).link, fresh(session).code) == ("https://help.example/7", "7")
    with pytest.raises(LinkRefused):
        remote.change_access(session, link="javascript:x", code="", actor=cast.anna, now=AGREED)


def test_remote_switched_off_or_not_agreed_in_the_contract(cast, ticket):
    def refused():
        with pytest.raises(NoRemoteSession):
            ask(cast, ticket)
        phone = {"purpose": "Ansehen", "way": "phone", "at": ASKED}
        with pytest.raises(NoRemoteSession):
            remote.record_consent(ticket, contact=cast.bernd, **phone, actor=cast.anna, now=ASKED)

    with viewing_as(SYSTEM):
        way = ContactChannel.objects.create(product=cast.erp, kind="remote", active=False)
    channels.forget()
    refused()
    with viewing_as(SYSTEM):
        way.delete()
        ContractLine.objects.filter(pk=ticket.contract_line_id).update(channels=["portal", "phone"])
    channels.forget()
    refused()


def test_switched_off_after_the_consent_nothing_begins(cast, ticket, concern):
    session = agree(ask(cast, ticket), cast.bernd)
    with viewing_as(SYSTEM):
        ContractLine.objects.filter(pk=ticket.contract_line_id).update(channels=["portal"])
    with pytest.raises(NoRemoteSession):
        begin(cast, session, concern)


def test_without_agreement_a_reason_or_where_the_house_says_so_nothing(cast, make_ticket):
    frieda = make_contact("Frieda", make_customer("Fjord", dpa_reference=""))
    ticket = make_ticket(contact=frieda)
    with pytest.raises(NoConsent) as refused:
        ask(cast, ticket, contact=frieda)
    assert refused.value.field == "dpa_reason"
    session = ask(cast, ticket, contact=frieda, dpa_reason="Nur Testdaten.")
    with viewing_as(SYSTEM):
        VendorProfile.objects.update(remote_needs_agreement=True)
    vendor.forget()
    try:
        with pytest.raises(NoConsent):
            agree(session, frieda)
        remote.cancel_session(session, actor=cast.anna, now=AGREED)
        with pytest.raises(NoConsent) as refused:
            ask(cast, ticket, contact=frieda, dpa_reason="Nur Testdaten.")
        assert refused.value.field == "dpa_reason"
    finally:
        vendor.forget()


def test_somebody_who_does_not_see_the_request_is_not_asked(cast, ticket):
    for contact in (cast.astrid, cast.clara):
        with pytest.raises(NoConsent) as refused:
            ask(cast, ticket, contact=contact)
        assert refused.value.field == "contact"


def test_a_forgotten_session_asks_then_ends_and_bills_nothing_of_it(cast, ticket, concern):
    """The last sign of life counts, here a note twelve minutes after the start."""
    session = agree(ask(cast, ticket), cast.bernd)
    entry = begin(cast, session, concern)
    write_note(ticket, text="Noch dabei.", files=[], actor=cast.anna, now=clock("09:27"))
    with viewing_as(SYSTEM):
        system = User.objects.system()
    held.watch_session(session, actor=system, now=clock("11:15"))
    assert (fresh(session).status, fresh(session).reminded_at) == ("running", None)
    held.watch_session(session, actor=system, now=clock("11:27"))
    held.watch_session(session, actor=system, now=clock("11:30"))
    assert kinds(ticket).count("remote.reminded") == 1
    held.watch_session(session, actor=system, now=clock("13:27"))
    session, entry = fresh(session), fresh(entry)
    assert (session.status, session.ended_at, session.ended_by) == ("ended", clock("13:27"), system)
    assert (entry.raw_end, entry.minutes) == (clock("09:27"), 12)
    times.correct_entry(entry, end=clock("10:30"), actor=cast.anna, now=clock("14:00"))
    assert fresh(entry).minutes == 75


def test_a_session_that_somebody_confirms_goes_on(cast, ticket, concern):
    session = agree(ask(cast, ticket), cast.bernd)
    begin(cast, session, concern)
    with viewing_as(SYSTEM):
        system = User.objects.system()
    held.watch_session(session, actor=system, now=clock("11:15"))
    held.still_there(session, actor=cast.anna, now=clock("11:20"))
    held.watch_session(session, actor=system, now=clock("13:15"))
    assert fresh(session).status == "running"
    with pytest.raises(NotAllowed):
        held.still_there(session, actor=cast.bernd.user, now=clock("13:16"))
    held.watch_session(session, actor=system, now=clock("15:20") + timedelta(days=2))
    with viewing_as(SYSTEM):
        entry = TimeEntry.objects.get(remote_session=session)
    assert (entry.raw_end, entry.is_late) == (clock("11:20"), True)


def test_who_else_is_there(cast, ticket):
    session = ask(cast, ticket)
    remote.name_participant(session, contact=cast.astrid, actor=cast.anna, now=AGREED)
    remote.name_participant(session, contact=cast.astrid, actor=cast.anna, now=AGREED)
    remote.name_participant(session, name="Frau Muster, IT", actor=cast.anna, now=AGREED)
    with pytest.raises(NoConsent):
        remote.name_participant(session, contact=cast.clara, actor=cast.anna, now=AGREED)
    with viewing_as(SYSTEM):
        named = [one.named.text for one in RemoteParticipant.objects.filter(session=session) if one.named]
        assert (RemoteParticipant.objects.filter(session=session).count(), named) == (3, ["Frau Muster, IT"])


def test_two_answers_at_once_are_one(cast, ticket):
    """Agreed on the phone while the page is open: the second answer is told that something changed."""
    session = ask(cast, ticket)
    phone = {"contact": cast.bernd, "purpose": session.purpose, "way": "phone", "at": AGREED, "session": session}
    remote.record_consent(ticket, **phone, actor=cast.anna, now=AGREED)
    with pytest.raises(TransitionNotAllowed):
        agree(session, cast.bernd)
    session = fresh(session)
    assert (session.consent_way, session.text_language, session.text_hash) == ("phone", "de", proof(session))


def test_portal_and_others_see_only_their_sessions(cast, ticket):
    session = ask(cast, ticket)
    for user, count in ((cast.bernd.user, 1), (cast.clara.user, 0), (cast.astrid.user, 0)):
        with viewing_as(viewer_for(user, NOW.date())):
            assert RemoteSession.objects.filter(pk=session.pk).count() == count
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM tickets_remotesession WHERE id = %s", [session.pk])
                assert cursor.fetchone()[0] == count
