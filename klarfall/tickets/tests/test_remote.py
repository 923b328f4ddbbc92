"""Consent to a remote session: by the customer, in words, at a moment that is possible."""

from datetime import timedelta

import pytest

from klarfall.contracts.actions.remote_consent import publish_consent_text
from klarfall.core.action import NotAllowed
from klarfall.tickets.actions.remote import NoConsent, decline_session, invite_to_session, record_consent
from klarfall.tickets.models import RemoteSession
from klarfall.tickets.tests.steps import resolved
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, make_contact, make_customer, make_staff


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


def later(**delta):
    return NOW + timedelta(**delta)


def invited(cast, ticket, now):
    return invite_to_session(ticket, contact=cast.bernd, purpose="Maske ansehen", actor=cast.anna, now=now)


def test_a_consent_given_in_the_minute_of_the_request_lies_within_it(make_ticket, cast, system):
    """Who calls agrees at once; the form knows minutes only."""
    ticket = make_ticket(now=later(seconds=40))
    with pytest.raises(NoConsent):
        consent(cast, ticket, at=later(minutes=-1), now=later(minutes=5))
    assert consent(cast, ticket, at=NOW, now=later(minutes=5)).consent_at == NOW


def test_an_invitation_is_not_answered_before_it_was_sent(make_ticket, cast, system):
    ticket = make_ticket()
    session = invited(cast, ticket, later(hours=1, seconds=20))
    with pytest.raises(NoConsent) as refused:
        consent(cast, ticket, session=session, at=later(minutes=59), now=later(hours=2))
    assert refused.value.field == "at"
    agreed = consent(cast, ticket, session=session, at=later(hours=1), now=later(hours=2))
    assert (agreed.pk, agreed.consent_at) == (session.pk, later(hours=1))


def test_after_a_no_only_a_new_consent_counts(make_ticket, cast, system):
    ticket = make_ticket()
    decline_session(invited(cast, ticket, later(hours=1)), actor=cast.bernd.user, now=later(hours=2))
    with pytest.raises(NoConsent) as refused:
        consent(cast, ticket, at=later(minutes=90), now=later(hours=3))
    assert refused.value.field == "at"
    assert consent(cast, ticket, at=later(hours=2), now=later(hours=3)).consent_at == later(hours=2)


def test_a_consent_is_written_down_soon(make_ticket, cast, system):
    ticket = make_ticket()
    with pytest.raises(NoConsent) as refused:
        consent(cast, ticket, at=NOW, now=later(days=7, minutes=1))
    assert refused.value.field == "at"
    assert consent(cast, ticket, at=NOW, now=later(days=7)).consent_at == NOW


def test_the_words_are_those_that_could_be_read_then(make_ticket, cast, system):
    first = consent(cast, make_ticket()).consent_text
    admin = make_staff("Adelheid", "administrator")
    new = publish_consent_text(german="Neu.", english="New.", actor=admin, now=later(hours=2))
    before = consent(cast, make_ticket(title="Davor"), at=later(hours=1), now=later(hours=3))
    after = consent(cast, make_ticket(title="Danach"), at=later(hours=2), now=later(hours=3))
    assert (first.version, before.consent_text, after.consent_text) == (1, first, new)


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
