"""Erasing a person: nothing of them remains, nothing of anybody else is lost, and every chain still verifies."""

import pytest

from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import NotAllowed
from klarfall.tickets.actions.draft import add_upload
from klarfall.tickets.actions.erase import NotErasable, erase_person
from klarfall.tickets.actions.handover import request_consulting
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.actions.rate import rate
from klarfall.tickets.actions.remote import decline_session, invite_to_session, name_participant
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.models import (
    Attachment,
    ConsultantRequest,
    Message,
    RemoteParticipant,
    RemoteSession,
    RequestDraft,
    SealedText,
    Ticket,
    TicketEvent,
    Upload,
)
from klarfall.tickets.tests.steps import publish, resolve, seeing
from tests.cast import NOW, fresh, upload

MARK = "Zebrafink"


@pytest.fixture
def story(make_ticket, cast):
    """A ticket of Bernd's in which his mark stands wherever he can write."""
    bernd = cast.bernd.user
    ticket = make_ticket(description=MARK, tried=MARK, files=[upload(f"{MARK}.txt", MARK.encode())], actor=bernd)
    assessment = publish(cast, ticket, "COV-USE", reason="Unsere Begründung bleibt.")
    open_objection(assessment, text=MARK, actor=bernd, now=NOW)
    reply(ticket, text=f"Noch ein {MARK}", actor=bernd, now=NOW)
    reply(ticket, text="Astrids Satz", actor=seeing(cast.astrid), now=NOW)
    reply(ticket, text="Annas Satz", actor=cast.anna, now=NOW)
    request_consulting(cast.bernd, product=cast.erp, wish=MARK, place=MARK, actor=bernd, now=NOW)
    add_upload(cast.bernd, file=upload(f"{MARK}.txt"), actor=bernd, now=NOW)
    asked = {"contact": cast.bernd, "purpose": "Maske ansehen", "dpa_reason": "Eilt", "actor": cast.anna}
    decline_session(invite_to_session(ticket, **asked, now=NOW), reason=MARK, actor=bernd, now=NOW)
    return ticket


def everything_stored():
    """Every text column of the tables a person writes into, as one string."""
    models = (Ticket, Message, SealedText, TicketEvent, Attachment, ConsultantRequest, RequestDraft, Upload, User)
    models += (RemoteSession,)
    return str([list(model.objects.values()) for model in models])


def test_nothing_of_the_person_remains_and_the_chain_verifies(story, cast, system, django_capture_on_commit_callbacks):
    from klarfall.tickets.files import FileMissing, open_file

    assert everything_stored().count(MARK) >= 7
    with django_capture_on_commit_callbacks(execute=True):
        user = erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    assert (user.name, user.email, user.is_active) == ("", f"erased-{user.pk}@klarfall.invalid", False)
    assert not user.has_usable_password()
    left = everything_stored()
    assert MARK not in left
    assert "bernd@" not in left
    ticket = fresh(story)
    assert (broken_events(ticket), broken_rows(ticket)) == ([], [])
    assert ticket.events.last().kind == "person.erased"
    assert not ticket.events.last().public
    with pytest.raises(FileMissing):
        open_file(Attachment.objects.get(ticket=ticket))
    assert not fresh(cast.bernd).is_active


def test_the_words_of_others_stay(story, cast, system):
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    texts = set(SealedText.objects.exclude(text="").values_list("text", flat=True))
    assert {"Astrids Satz", "Annas Satz", "Unsere Begründung bleibt."} <= texts
    assert fresh(cast.astrid.user).name == "Astrid"


def test_a_colleague_loses_the_name_and_the_letters_stay(story, cast, system):
    erase_person(cast.anna, actor=cast.dora, now=NOW)
    assert fresh(cast.anna).name == ""
    assert SealedText.objects.filter(text="Annas Satz").exists()
    assert broken_events(fresh(story)) == []


def test_a_call_logged_for_the_person_is_erased_with_them(make_ticket, cast, system):
    make_ticket(description=MARK, actor=cast.anna, channel="phone")
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    assert MARK not in everything_stored()


def test_the_comment_of_a_rating_is_erased(make_ticket, cast, system):
    ticket = make_ticket()
    publish(cast, ticket, "COV-USE")
    resolve(cast, ticket)
    rate(ticket, stars=1, comment=MARK, actor=cast.bernd.user, now=NOW)
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    assert (fresh(ticket).rating, fresh(ticket).rating_comment) == (1, "")
    assert MARK not in everything_stored()


def test_it_can_be_repeated_and_stands_in_the_audit_trail(story, cast, system):
    for _ in range(2):
        erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    assert broken_events(fresh(story)) == []
    assert audit.broken_entries() == []


def test_only_leads_erase_and_never_themselves_or_the_system(cast, system):
    for actor in (cast.anna, cast.astrid.user):
        with pytest.raises(NotAllowed):
            erase_person(cast.bernd.user, actor=actor, now=NOW)
    for user in (cast.dora, User.objects.system()):
        with pytest.raises(NotErasable):
            erase_person(user, actor=cast.dora, now=NOW)


def test_names_at_remote_sessions_go_with_the_person(make_ticket, cast, system):
    """Of who was named beside them, and their own where it was written at somebody else's session."""
    theirs = make_ticket()
    others, elsewhere = (make_ticket(contact=cast.astrid, title=f"Sitzung {n}") for n in range(2))
    asked = {"purpose": "Maske ansehen", "actor": cast.anna, "now": NOW}
    by = {"actor": cast.anna, "now": NOW}
    with_bernd = invite_to_session(theirs, contact=cast.bernd, **asked)
    with_astrid = [invite_to_session(one, contact=cast.astrid, **asked) for one in (others, elsewhere)]
    name_participant(with_bernd, name="Frau Neben", **by)
    name_participant(with_astrid[0], name=f"Herr {cast.bernd.user.name.upper()} (IT)", **by)
    kept = name_participant(with_astrid[1], name="Herr Anders", **by)
    erase_person(cast.bernd.user, actor=cast.dora, now=NOW)
    named = RemoteParticipant.objects.filter(named__isnull=False).select_related("named").order_by("pk")
    assert [one.named.text for one in named] == ["", "", "Herr Anders"]
    assert [one.pk for one in named if one.named.erased_at is None] == [kept.pk]
    for ticket in (theirs, others, elsewhere):
        assert (broken_events(fresh(ticket)), broken_rows(fresh(ticket))) == ([], [])
    assert erase_person(cast.bernd.user, actor=cast.dora, now=NOW).name == ""
    kept.refresh_from_db()
    assert kept.named.text == "Herr Anders"
