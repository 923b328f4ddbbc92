"""Consent to a remote session: by the customer, in words, at a moment that is possible."""

from datetime import timedelta

import pytest

from klarfall.core.action import NotAllowed
from klarfall.tickets.actions.remote import NoConsent, record_consent
from klarfall.tickets.models import RemoteSession
from klarfall.tickets.tests.steps import resolved
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, make_contact, make_customer


def consent(cast, ticket, **given):
    values = {
        "contact": cast.bernd,
        "purpose": "Maske ansehen",
        "way": "phone",
        "at": NOW,
        "actor": cast.anna,
        "now": NOW,
        **given,
    }
    return record_consent(ticket, **values)


def test_a_specialist_records_what_was_said_on_the_phone(make_ticket, cast, system):
    ticket = make_ticket()
    session = consent(cast, ticket)
    assert (session.consent_by, session.consent_way, session.recorded_by) == (cast.bernd, "phone", cast.anna)
    event = ticket.events.get(kind="consent.recorded")
    assert (event.public, event.data["session"], event.sealed.text) == (True, session.pk, "Maske ansehen")


def test_in_the_portal_the_customer_agrees_alone(make_ticket, cast, system):
    ticket = make_ticket()
    consent(cast, ticket, way="portal", actor=cast.bernd.user)
    with pytest.raises(NoConsent):
        consent(cast, ticket, way="portal", actor=cast.anna)
    with pytest.raises(NoConsent):
        consent(cast, ticket, way="phone", actor=cast.bernd.user)
    for actor in (cast.astrid.user, cast.clara.user):
        with pytest.raises(NotAllowed):
            consent(cast, ticket, way="portal", actor=actor)
    assert RemoteSession.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"purpose": "x" * 201}, "purpose"),
        ({"way": "fax"}, "way"),
        ({"at": NOW + timedelta(minutes=1)}, "at"),
        ({"at": NOW - timedelta(minutes=1)}, "at"),
    ],
)
def test_bad_input_is_refused(make_ticket, cast, given, field):
    with pytest.raises((NoConsent, UnusableText)) as refused:
        consent(cast, make_ticket(), **given)
    assert refused.value.field == field


def test_nobody_of_another_customer_agrees(make_ticket, cast):
    with pytest.raises(NoConsent) as refused:
        consent(cast, make_ticket(), contact=cast.clara)
    assert refused.value.field == "contact"


def test_without_data_processing_agreement_the_specialist_says_why(make_ticket, cast, system):
    frieda = make_contact("Frieda", make_customer("Fjord", dpa_reference=""))
    ticket = make_ticket(contact=frieda)
    with pytest.raises(NoConsent) as refused:
        consent(cast, ticket, contact=frieda)
    assert refused.value.field == "dpa_reason"
    session = consent(cast, ticket, contact=frieda, dpa_reason="Nur Testdaten.")
    assert session.dpa_reason == "Nur Testdaten."


def test_a_finished_request_needs_no_session(make_ticket, cast, system):
    with pytest.raises(NoConsent):
        consent(cast, resolved(cast, make_ticket()))
