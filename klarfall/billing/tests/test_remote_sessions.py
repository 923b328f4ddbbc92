"""Remote sessions with their time: consent first, one life, ended by the customer at any instant (INV-28)."""

import pytest
from django.db import DatabaseError, transaction

from klarfall.billing.actions import decisions
from klarfall.billing.actions import remote as held
from klarfall.billing.actions import time as times
from klarfall.billing.models import TimeEntry
from klarfall.billing.tests.remote_steps import AGREED, agree, ask, begin, kinds, proof
from klarfall.billing.tests.steps import accept, clock, publish, send
from klarfall.billing.timing import TimeRefused
from klarfall.contracts.actions.remote_consent import ConsentTextRefused, publish_consent_text
from klarfall.contracts.models import RemoteConsentText
from klarfall.contracts.remote_consent import hash_of
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets import workflow
from klarfall.tickets.actions import remote
from klarfall.tickets.actions.remote import NoConsent, NoRemoteSession
from klarfall.tickets.models import RemoteParticipant, RemoteSession, RemoteStatus, TicketEvent
from tests.cast import concern_of, fresh, make_contact, make_staff


@pytest.fixture
def ticket(make_ticket):
    return make_ticket()


@pytest.fixture
def concern(ticket):
    return concern_of(ticket)


def test_the_whole_life_with_its_time(cast, ticket, concern):
    session = ask(cast, ticket, code="123 456")
    assert (session.status, session.consent_at, session.consent_text.version) == ("invited", None, 1)
    agree(session, cast.bernd, evidence={"address": "192.0.2.7", "browser": "Beispiel"})
    session = fresh(session)
    with viewing_as(SYSTEM):
        assert session.evidence.data == {"name": "Bernd", "evidence": {"address": "192.0.2.7", "browser": "Beispiel"}}
        assert session.evidence.internal
    assert (session.consent_by_id, session.consent_way, session.consent_at) == (cast.bernd.pk, "portal", AGREED)
    assert (session.text_hash, session.text_language) == (proof(session), "de")
    entry = begin(cast, session, concern)
    assert (entry.channel, entry.remote_session, fresh(session).status) == ("remote", session, "running")
    held.end_session(session, note="Maske gezeigt", actor=cast.anna, now=clock("09:45"))
    session, entry = fresh(session), fresh(entry)
    assert (session.status, session.ended_at, session.ended_by) == ("ended", clock("09:45"), cast.anna)
    assert (entry.minutes, entry.activity, session.note) == (30, "Maske gezeigt", "Maske gezeigt")
    assert kinds(ticket) == ["remote.invited", "consent.recorded", "remote.started", "remote.ended"]
    with viewing_as(SYSTEM):
        there = RemoteParticipant.objects.filter(session=session)
        assert {one.user_id or one.contact.user_id for one in there} == {cast.anna.pk, cast.bernd.user_id}


def test_the_customer_ends_and_the_time_ends_at_that_instant(cast, ticket, concern):
    """Not at the next minute, not when the specialist notices: both timers, also that of whoever joined."""
    session = agree(ask(cast, ticket), cast.bernd)
    first = begin(cast, session, concern)
    second = begin(cast, session, concern, at=clock("09:20"), actor=cast.dora)
    held.end_session(session, actor=cast.bernd.user, now=clock("09:31:20"))
    first, second, session = fresh(first), fresh(second), fresh(session)
    assert {first.raw_end, second.raw_end, session.ended_at} == {clock("09:31:20")}
    assert (first.minutes, second.minutes, session.ended_by) == (16, 11, cast.bernd.user)
    with pytest.raises(NoRemoteSession):
        held.end_session(session, actor=cast.anna, now=clock("09:32"))
    for moved in ({"end": clock("09:40")}, {"start": clock("09:00")}):
        with pytest.raises(TimeRefused):
            times.correct_entry(first, **moved, actor=cast.anna, now=clock("10:00"))
    with pytest.raises(TimeRefused):
        begin(cast, session, concern, at=clock("09:33"))
    late = {"purpose": "work", "channel": "remote", "activity": "Nachher", "remote_session": session}
    with pytest.raises(TimeRefused):
        times.record_time(
            concern, start=clock("09:32"), end=clock("09:40"), **late, actor=cast.anna, now=clock("10:00")
        )


def test_one_of_two_specialists_leaves_and_the_session_goes_on(cast, ticket, concern):
    session = agree(ask(cast, ticket), cast.bernd)
    first = begin(cast, session, concern)
    second = begin(cast, session, concern, at=clock("09:20"), actor=cast.dora)
    times.stop_timer(first, actor=cast.anna, now=clock("09:25"))
    assert fresh(session).status == "running"
    times.delete_entry(second, actor=cast.dora, now=clock("09:30"))
    assert (fresh(session).status, fresh(session).ended_at) == ("ended", clock("09:30"))


def test_another_timer_ends_the_session(cast, ticket, concern):
    session = agree(ask(cast, ticket), cast.bernd)
    begin(cast, session, concern)
    times.start_timer(concern, purpose="work", channel="internal", actor=cast.anna, now=clock("09:40"))
    assert (fresh(session).status, fresh(session).ended_at) == ("ended", clock("09:40"))


def _ends(ticket):
    with viewing_as(SYSTEM):
        return TicketEvent.objects.get(ticket=ticket, kind="remote.ended").data


def test_minutes_follow_the_engine_acceptance_and_cap(cast, ticket, concern):
    """With an acceptance up to the cap, without one nothing."""
    accept(send(cast, concern, at=clock("09:01"), cap_minutes=20), cast.bernd, at=clock("09:02"))
    session = agree(ask(cast, ticket), cast.bernd)
    begin(cast, session, concern)
    held.end_session(session, actor=cast.bernd.user, now=clock("09:45"))
    assert (_ends(ticket)["minutes"], _ends(ticket)["billable"]) == (30, 20)


def test_after_a_stop_the_session_may_go_on_and_costs_nothing(cast, ticket, concern):
    accept(send(cast, concern, at=clock("09:01")), cast.bernd, at=clock("09:02"))
    session = agree(ask(cast, ticket), cast.bernd)
    begin(cast, session, concern)
    decisions.stop(concern, actor=cast.bernd.user, now=clock("09:25"))
    held.end_session(session, actor=cast.anna, now=clock("09:45"))
    assert (_ends(ticket)["minutes"], _ends(ticket)["billable"]) == (30, 10)


@pytest.mark.parametrize("code", ["COV-USE", "CHG-CONF"])
def test_without_an_acceptance_nothing_is_billable(cast, ticket, concern, code):
    publish(cast, concern, code, at=clock("09:01"))
    session = agree(ask(cast, ticket), cast.bernd)
    begin(cast, session, concern)
    held.end_session(session, actor=cast.anna, now=clock("09:45"))
    assert (_ends(ticket)["minutes"], _ends(ticket)["billable"]) == (30, 0)


def test_a_review_by_remote_session_is_free(cast, ticket, concern):
    session = agree(ask(cast, ticket), cast.bernd)
    entry = begin(cast, session, concern, purpose="triage")
    held.end_session(session, actor=cast.anna, now=clock("09:45"))
    assert (fresh(entry).purpose, _ends(ticket)["minutes"]) == ("triage", 0)


def _state(cast, ticket, concern, name):
    """A session in each state."""
    session = ask(cast, ticket)
    if name == "declined":
        return fresh(remote.decline_session(session, actor=cast.bernd.user, now=AGREED))
    if name == "cancelled":
        return fresh(remote.cancel_session(session, actor=cast.anna, now=AGREED))
    if name != "invited":
        agree(session, cast.bernd)
    if name in ("running", "ended"):
        begin(cast, session, concern)
    if name == "ended":
        held.end_session(session, actor=cast.anna, now=clock("09:30"))
    return fresh(session)


STEPS = {
    "agree": ({"invited"}, lambda cast, one, _c: agree(one, cast.bernd, at=clock("09:50"))),
    "decline": ({"invited", "agreed"}, lambda cast, one, _c: remote.decline_session(
        one, actor=cast.bernd.user, now=clock("09:50"))),
    "cancel": ({"invited", "agreed"}, lambda cast, one, _c: remote.cancel_session(
        one, actor=cast.anna, now=clock("09:50"))),
    "begin": ({"agreed", "running"}, lambda cast, one, concern: begin(
        cast, one, concern, at=clock("09:50"), actor=cast.dora)),
    "end": ({"running"}, lambda cast, one, _c: held.end_session(one, actor=cast.bernd.user, now=clock("09:50"))),
}  # fmt: skip


@pytest.mark.parametrize("state", RemoteStatus.values)
def test_each_step_from_each_state(cast, ticket, concern, state):
    session = _state(cast, ticket, concern, state)
    assert session.status == state
    possible = {name for name, (sources, _step) in STEPS.items() if state in sources}
    done = set()
    for name, (_sources, step) in STEPS.items():
        try:
            with transaction.atomic():
                step(cast, session, concern)
                done.add(name)
                transaction.set_rollback(True)
        except (TransitionNotAllowed, NoConsent, NoRemoteSession, TimeRefused):
            continue
    assert done == possible


@pytest.mark.parametrize("state", RemoteStatus.values)
def test_the_database_knows_the_same_ways(cast, ticket, concern, state):
    session = _state(cast, ticket, concern, state)
    allowed = {new for old, new in workflow.REMOTE.pairs if old == state}
    for target in set(RemoteStatus.values) - allowed - {state}:
        with pytest.raises(DatabaseError, match="no way"), viewing_as(SYSTEM):
            RemoteSession.objects.filter(pk=session.pk).update(status=target)


def _entry(cast, ticket, concern, session, start, end):
    """Remote time written past the actions, by whoever acts as the system."""
    row = {"customer": ticket.customer, "ticket": ticket, "concern": concern, "agent": cast.anna}
    row |= {"purpose": "work", "channel": "remote", "recorded_at": clock("12:00")}
    span = {"raw_start": clock(start), "raw_end": clock(end), "start": clock(start), "end": clock(end)}
    with transaction.atomic():
        return TimeEntry.objects.create(**row, **span, remote_session=session)


def test_no_remote_time_without_consent_in_sql(cast, ticket, concern):
    """INV-28 below the actions: none without a session, before consent, after its end, or once it was taken back."""
    session = ask(cast, ticket)

    def refused(start="09:20", end="09:25", given=None):
        with viewing_as(SYSTEM), pytest.raises(DatabaseError):
            _entry(cast, ticket, concern, given, start, end)

    refused()
    refused(given=session)
    agree(session, cast.bernd)
    refused("09:11", "09:13", given=session)
    with viewing_as(SYSTEM):
        assert _entry(cast, ticket, concern, session, "09:13", "09:14").pk
    remote.decline_session(session, actor=cast.bernd.user, now=clock("09:20"))
    refused("09:14", "09:16", given=session)
    other = ask(cast, ticket, at=clock("09:21"))
    agree(other, cast.bernd, at=clock("09:22"))
    entry = begin(cast, other, concern, at=clock("09:23"))
    held.end_session(other, actor=cast.bernd.user, now=clock("09:30"))
    refused("09:29", "09:31", given=other)
    with viewing_as(SYSTEM), pytest.raises(DatabaseError):
        TimeEntry.objects.filter(pk=entry.pk).update(raw_end=clock("09:40"), end=clock("09:40"))


@pytest.mark.parametrize(
    "change",
    [
        {"consent_at": clock("09:00")}, {"consent_way": "phone"}, {"purpose": "Anderes"}, {"text_hash": "0" * 64},
        {"consent_by": None, "consent_at": None, "consent_way": ""}, {"ended_at": clock("11:00")},
        {"started_at": clock("09:13")},
    ],
)  # fmt: skip
def test_consent_and_end_stay_as_they_are(cast, ticket, concern, change):
    session = _state(cast, ticket, concern, "ended")
    with viewing_as(SYSTEM), pytest.raises(DatabaseError):
        RemoteSession.objects.filter(pk=session.pk).update(**change)
    with viewing_as(SYSTEM), pytest.raises(DatabaseError):
        RemoteSession.objects.filter(pk=session.pk).delete()


def test_in_sql_nobody_agrees_for_somebody_else(cast, ticket):
    session = ask(cast, ticket)
    given = {"status": "agreed", "consent_at": AGREED, "consent_way": "portal"}
    with viewing_as(SYSTEM, actor_id=cast.anna.pk), pytest.raises(DatabaseError, match="somebody else"):
        RemoteSession.objects.filter(pk=session.pk).update(consent_by=cast.bernd, **given)


def test_consent_is_for_those_who_see_the_request(cast, ticket, make_ticket):
    session = ask(cast, ticket)
    for actor in (cast.clara.user, cast.astrid.user, cast.anna):
        with pytest.raises(NotAllowed):
            remote.agree(session, text_hash=proof(session), actor=actor, now=AGREED)
    colleague = make_contact("Emil", cast.acme, visibility="all")
    assert fresh(agree(session, colleague)).consent_by_id == colleague.pk
    for actor in (cast.clara.user, cast.astrid.user):
        begin(cast, fresh(session), concern_of(ticket)) if fresh(session).status == "agreed" else None
        with pytest.raises(NotAllowed):
            held.end_session(session, actor=actor, now=clock("09:30"))


def test_consent_is_to_the_words_that_were_shown(cast, ticket):
    session = ask(cast, ticket)
    for wrong in ("", "0" * 64, hash_of("Anderes")):
        with pytest.raises(NoConsent):
            agree(session, cast.bernd, text_hash=wrong)
    admin = make_staff("Adelheid", "administrator")
    publish_consent_text(german="Neu.", english="New.", actor=admin, now=AGREED)
    assert agree(session, cast.bernd, text_hash=proof(session, "en")).text_language == "en"
    with viewing_as(SYSTEM):
        assert fresh(session).consent_text.version == 1


def test_new_words_are_a_new_version_with_a_trace(cast):
    admin = make_staff("Adelheid", "administrator")
    for who in (cast.anna, cast.dora, cast.bernd.user):
        with pytest.raises(NotAllowed):
            publish_consent_text(german="x", english="y", actor=who, now=AGREED)
    with pytest.raises(ConsentTextRefused) as refused:
        publish_consent_text(german="x", english=" ", actor=admin, now=AGREED)
    assert refused.value.field == "english"
    made = publish_consent_text(german="Neu.", english="New.", actor=admin, now=AGREED)
    assert publish_consent_text(german="Neu.", english="New.", actor=admin, now=AGREED).pk == made.pk
    with viewing_as(SYSTEM):
        assert [one.version for one in RemoteConsentText.objects.all()] == [1, 2]
        assert AuditEntry.objects.filter(verb="consent_text.published").count() == 1
        with pytest.raises(DatabaseError):
            RemoteConsentText.objects.update(german="Anders.")
