"""Writing to each other: what a message does to state and clock, by whom and when."""

from datetime import timedelta

import pytest

from klarfall.core.action import NotAllowed
from klarfall.tickets.actions.reply import NotRepliable, reply, write_note
from klarfall.tickets.actions.review import split
from klarfall.tickets.files import FileRefused
from klarfall.tickets.models import Attachment, Message, Ticket
from klarfall.tickets.tests.steps import close, kinds, move, offered, publish, resolved, seeing
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, berlin, concern_of, fresh, make_contact, upload

LATER = NOW + timedelta(hours=1)


def test_our_first_answer_stops_the_clock_and_begins_the_review(make_ticket, cast, system):
    ticket = make_ticket()
    message = reply(ticket, text="Ich sehe nach.", actor=cast.anna, now=LATER)
    ticket = fresh(ticket)
    assert (ticket.status, ticket.answered_at, ticket.due_at, ticket.due_left) == ("in_review", LATER, None, None)
    assert ticket.queue_at > LATER + timedelta(days=365)
    assert concern_of(ticket).status == "in_review"
    assert (message.from_customer, message.internal, message.text) == (False, False, "Ich sehe nach.")
    assert kinds(ticket) == [
        "ticket.submitted",
        "ticket.begin_review",
        "concern.begin_review",
        "message.agent",
    ]


def test_the_customer_s_next_question_starts_it_again(make_ticket, cast, system):
    ticket = make_ticket()
    reply(ticket, text="Erledigt?", actor=cast.anna, now=NOW)
    reply(ticket, text="Noch nicht.", actor=cast.bernd.user, now=LATER)
    assert fresh(ticket).due_at == berlin("2026-11-24 14:00")
    reply(ticket, text="Und noch etwas.", actor=cast.bernd.user, now=LATER + timedelta(hours=1))
    assert fresh(ticket).due_at == berlin("2026-11-24 14:00")  # a running deadline stays
    assert fresh(ticket).answered_at == NOW


def test_a_question_rests_the_ticket_and_any_later_answer_of_ours_ends_that(make_ticket, cast, system):
    ticket = make_ticket()
    publish(cast, ticket, "COV-USE")
    reply(ticket, text="Welcher Monat?", waits_for_customer=True, actor=cast.anna, now=NOW)
    assert fresh(ticket).status == "waiting_for_customer"
    reply(ticket, text="Hat sich erledigt.", actor=cast.dora, now=LATER)
    assert (fresh(ticket).status, fresh(ticket).question_at) == ("in_progress", None)


def test_a_message_can_belong_to_a_concern_of_this_ticket_only(make_ticket, cast, system):
    ticket, other = make_ticket(), make_ticket(title="Andere")
    message = reply(ticket, text="Dazu:", concern=concern_of(ticket), actor=cast.bernd.user, now=NOW)
    assert message.concern == concern_of(ticket)
    with pytest.raises(NotRepliable) as refused:
        reply(ticket, text="Dazu!", concern=concern_of(other), actor=cast.bernd.user, now=NOW)
    assert refused.value.field == "concern"


def test_files_may_stand_alone_and_follow_their_message(make_ticket, cast, system):
    ticket = make_ticket()
    message = reply(ticket, text=" ", files=[upload("a.txt")], actor=cast.bernd.user, now=NOW)
    note = write_note(ticket, text="", files=[upload("b.txt")], actor=cast.anna, now=NOW)
    files = {row.name: row for row in Attachment.objects.filter(ticket=ticket)}
    assert (files["a.txt"].message, files["a.txt"].internal) == (message, False)
    assert (files["b.txt"].message, files["b.txt"].internal) == (note, True)


@pytest.mark.parametrize("words", ["", "  \n", "a\x00b", "x" * 1_000_000, None])
def test_a_message_says_something_storable(make_ticket, cast, words):
    ticket = make_ticket()
    for write in (reply, write_note):
        with pytest.raises(UnusableText) as refused:
            write(ticket, text=words, actor=cast.anna, now=NOW)
        assert refused.value.field == "text"
    assert kinds(ticket) == ["ticket.submitted"]


def test_a_refused_file_refuses_the_message(make_ticket, cast, system):
    ticket = make_ticket()
    with pytest.raises(FileRefused):
        reply(ticket, text="Anbei", files=[upload("x.exe", b"MZ")], actor=cast.bernd.user, now=NOW)
    assert Message.objects.filter(ticket=ticket).count() == 1


def test_a_second_click_sends_nothing(make_ticket, cast, system):
    ticket = make_ticket()
    reply(ticket, text="Danke!", actor=cast.bernd.user, now=NOW)
    with pytest.raises(NotRepliable):
        reply(ticket, text="Danke! ", actor=cast.bernd.user, now=NOW + timedelta(seconds=2))
    reply(ticket, text="Danke!", actor=seeing(cast.astrid), now=NOW + timedelta(seconds=2))
    reply(ticket, text="Danke!", actor=cast.bernd.user, now=NOW + timedelta(minutes=2))
    assert Message.objects.filter(ticket=ticket).count() == 4


def test_strangers_cannot_write(make_ticket, cast):
    ticket = make_ticket()
    with pytest.raises(NotAllowed):
        reply(ticket, text="Hallo", actor=cast.clara.user, now=NOW)
    for actor in (cast.clara.user, cast.bernd.user):
        with pytest.raises(NotAllowed):
            write_note(ticket, text="Hallo", actor=actor, now=NOW)


def test_a_note_changes_neither_state_nor_clock(make_ticket, cast, system):
    ticket = make_ticket()
    before = fresh(ticket)
    note = write_note(ticket, text="Kennt den Fall schon.", actor=cast.anna, now=LATER)
    after = fresh(ticket)
    assert (note.internal, note.sealed.internal) == (True, True)
    same = ("status", "due_at", "answered_at", "changed_at")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert ticket.events.get(kind="message.note").public is False


class TestAfterwards:
    def test_the_customer_s_reply_reopens_a_solved_ticket(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        at = NOW + timedelta(days=14)
        reply(ticket, text="Leider doch nicht.", actor=cast.bernd.user, now=at)
        ticket = fresh(ticket)
        assert (ticket.status, ticket.resolved_at, concern_of(ticket).status) == ("in_review", None, "in_review")
        assert ticket.due_at is not None
        assert kinds(ticket)[-4:] == [
            "ticket.reopen",
            "concern.reassess",
            "message.customer",
            "ticket.review_again",
        ]

    def test_our_addition_to_a_solved_ticket_reopens_nothing(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        reply(ticket, text="Noch ein Hinweis.", actor=cast.anna, now=LATER)
        assert (fresh(ticket).status, fresh(ticket).due_at) == ("resolved", None)

    @pytest.mark.parametrize("closed", [True, False])
    def test_a_late_reply_opens_a_follow_up_that_points_back(self, make_ticket, cast, system, closed):
        old = resolved(cast, make_ticket(confidential=True))
        at = NOW + timedelta(days=14, minutes=1)
        if closed:
            close(old, actor=type(cast.anna).objects.system(), now=at)
        alma = make_contact("Alma", cast.acme, "customer_admin")
        message = reply(old, text="Es ist wieder da.", files=[upload()], actor=alma.user, now=at)
        new = message.ticket
        assert new != old
        assert (new.follow_up_of, new.status, new.contact, new.title) == (old, "new", alma, old.title)
        assert (new.confidential, new.submitted_at) == (True, at)
        assert Attachment.objects.get().ticket == new
        assert fresh(old).status == ("closed" if closed else "resolved")
        assert old.events.last().data == {"ticket": new.pk, "number": new.number}

    def test_a_withdrawn_ticket_is_followed_up_as_well(self, make_ticket, cast, system):
        from klarfall.tickets.actions.cancel import cancel

        ticket = make_ticket()
        cancel(ticket, actor=cast.bernd.user, now=NOW)
        assert reply(ticket, text="Doch.", actor=cast.bernd.user, now=NOW).ticket.follow_up_of == ticket

    def test_we_cannot_answer_into_a_closed_ticket(self, make_ticket, cast, system):
        at = NOW + timedelta(days=15)
        ticket = close(resolved(cast, make_ticket()), actor=type(cast.anna).objects.system(), now=at)
        with pytest.raises(NotRepliable):
            reply(ticket, text="Nachtrag", actor=cast.anna, now=at)
        write_note(ticket, text="Nachtrag", actor=cast.anna, now=at)
        assert Ticket.objects.count() == 1

    def test_a_reply_to_a_declined_ticket_keeps_it_open_for_a_new_offer(self, make_ticket, cast, system):
        ticket = move(offered(cast, make_ticket()), "decline_offer", actor=cast.bernd.user)
        reply(ticket, text="Ich habe es mir überlegt.", actor=cast.bernd.user, now=LATER)
        assert (fresh(ticket).status, concern_of(ticket).status) == ("in_progress", "declined")
        reply(ticket, text="Gern, ein neuer Kostenhinweis folgt.", actor=cast.anna, now=LATER)
        assert fresh(ticket).status == "in_progress"
        ticket = move(ticket, "send_offer", actor=cast.anna, wish_open=False)
        assert ticket.status == "waiting_for_decision"

    def test_only_what_was_done_is_reviewed_again(self, make_ticket, cast, system):
        ticket = make_ticket()
        split(ticket, titles=["Zweites"], actor=cast.anna, now=NOW)
        offered(cast, ticket, position=2)
        move(ticket, "decline_offer", actor=cast.bernd.user, position=2)
        ticket = resolved(cast, ticket)
        reply(ticket, text="Zum ersten noch:", actor=cast.bernd.user, now=LATER)
        assert [concern_of(ticket, n).status for n in (1, 2)] == ["in_review", "declined"]
        assert concern_of(ticket, 2).wish_open is False


def test_a_reply_while_a_decision_waits_gets_a_deadline_and_changes_nothing_else(make_ticket, cast, system):
    ticket = offered(cast, make_ticket())
    reply(ticket, text="Was heißt Takt?", actor=cast.bernd.user, now=LATER)
    assert fresh(ticket).status == "waiting_for_decision"
    assert fresh(ticket).due_at == berlin("2026-11-24 14:00")
