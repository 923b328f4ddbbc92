"""The ends of a ticket: solved, closed, withdrawn, reopened, rated."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from klarfall.accounts.models import User
from klarfall.core.action import NotAllowed
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets.actions.cancel import NotCancellable, cancel
from klarfall.tickets.actions.close import NotResolvable
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.actions.rate import NotRateable, rate
from klarfall.tickets.actions.reopen import NotReopenable, reopen
from klarfall.tickets.actions.review import begin_review, split
from klarfall.tickets.models import ResolutionKind, Ticket
from klarfall.tickets.tests.steps import close, kinds, move, offered, publish, resolve, resolved, seeing
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, concern_of, fresh

LATER = NOW + timedelta(hours=1)
FORTNIGHT = timedelta(days=14)


class TestResolve:
    def test_the_solution_stands_in_the_ticket_and_in_its_history(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket(), now=LATER)
        assert (ticket.status, ticket.resolved_at, ticket.due_at) == ("resolved", LATER, None)
        assert concern_of(ticket).status == "done"
        assert ticket.events.last().sealed.text == ticket.solution == "Im Mahnlauf ist der Haken gesetzt."

    @pytest.mark.parametrize("solution", ["", "  ", "\x00", "x" * 20_001])
    def test_no_ticket_is_solved_without_words(self, make_ticket, cast, system, solution):
        ticket = make_ticket()
        publish(cast, ticket, "COV-USE")
        with pytest.raises(UnusableText) as refused:
            resolve(cast, ticket, solution=solution)
        assert refused.value.field == "solution"
        assert (fresh(ticket).status, concern_of(ticket).status) == ("in_progress", "covered")

    @pytest.mark.parametrize("kind", ["", "magic", ResolutionKind.NO_WORK])
    def test_how_it_was_solved_is_said(self, make_ticket, cast, kind):
        ticket = make_ticket()
        publish(cast, ticket, "COV-USE")
        with pytest.raises(NotResolvable) as refused:
            resolve(cast, ticket, resolution_kind=kind)
        assert refused.value.field == "resolution_kind"

    def test_nothing_open_is_closed_over(self, make_ticket, cast, system):
        ticket = make_ticket()
        with pytest.raises(NotResolvable):  # not assessed
            resolve(cast, ticket)
        publish(cast, ticket, "CHG-CONF")
        with pytest.raises(NotResolvable):  # no cost notice
            resolve(cast, ticket)
        move(ticket, "send_offer", actor=cast.anna)
        with pytest.raises(NotResolvable):  # waits for a decision
            resolve(cast, ticket)
        move(ticket, "accept_offer", actor=cast.bernd.user)
        objected = open_objection(
            concern_of(ticket).current_assessment, text="Sehe ich anders.", actor=cast.bernd.user, now=NOW
        )
        with pytest.raises(NotResolvable):  # second review
            resolve(cast, ticket)
        type(objected).objects.filter(pk=objected.pk).update(result="confirmed", reviewed_at=NOW, reviewed_fact=9)
        resolve(cast, ticket)
        assert concern_of(ticket).status == "done"

    def test_a_withdrawn_request_need_not_be_assessed(self, make_ticket, cast, system):
        ticket = make_ticket()
        resolve(cast, ticket, resolution_kind="withdrawn", solution="Am Telefon zurückgezogen.")
        assert (fresh(ticket).status, concern_of(ticket).status) == ("resolved", "in_review")

    def test_what_the_customer_ended_stays_as_it_is(self, make_ticket, cast, system):
        ticket = make_ticket()
        split(ticket, titles=["Zwei"], actor=cast.anna, now=NOW)
        offered(cast, ticket)
        move(ticket, "decline_offer", actor=cast.bernd.user)
        publish(cast, ticket, "COV-USE", position=2)
        resolve(cast, ticket)
        assert [concern_of(ticket, n).status for n in (1, 2)] == ["declined", "done"]

    def test_only_staff_and_only_once(self, make_ticket, cast, system):
        ticket = make_ticket()
        publish(cast, ticket, "COV-USE")
        with pytest.raises(NotAllowed):
            resolve(cast, ticket, actor=cast.bernd.user)
        resolve(cast, ticket)
        with pytest.raises(TransitionNotAllowed):
            resolve(cast, ticket)

    def test_the_database_refuses_a_solved_ticket_without_solution(self, make_ticket, system):
        ticket = make_ticket()
        Ticket.objects.filter(pk=ticket.pk).update(status="in_review")
        with pytest.raises(DatabaseError, match="resolved_ticket_has_solution"), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(status="resolved")
        with pytest.raises(DatabaseError, match="no way from"), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(status="closed")


class TestClose:
    def test_it_closes_after_14_days_by_the_system_only(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        worker = User.objects.system()
        with pytest.raises(NotResolvable):
            close(ticket, actor=worker, now=NOW + FORTNIGHT)
        for actor in (cast.anna, cast.bernd.user):
            with pytest.raises(NotAllowed):
                close(ticket, actor=actor, now=NOW + FORTNIGHT + timedelta(seconds=1))
        assert close(ticket, actor=worker, now=NOW + FORTNIGHT + timedelta(seconds=1)).status == "closed"
        with pytest.raises(TransitionNotAllowed):
            close(ticket, actor=worker, now=NOW + 2 * FORTNIGHT)

    def test_the_list_of_those_to_close_agrees(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        make_ticket(title="Offen")
        for days, expected in ((14, []), (15, [ticket])):
            assert list(Ticket.objects.to_close(NOW + timedelta(days=days))) == expected


class TestReopen:
    def test_within_14_days_what_was_done_is_reviewed_again(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        reopen(ticket, text="Der Haken ist wieder weg.", actor=cast.bernd.user, now=NOW + FORTNIGHT)
        ticket = fresh(ticket)
        assert (ticket.status, concern_of(ticket).status, ticket.resolved_at) == ("in_review", "in_review", None)
        assert ticket.messages.last().text == "Der Haken ist wieder weg."
        assert ticket.due_at is not None
        publish(cast, ticket, "COV-DEFECT")
        resolve(cast, ticket)
        assert fresh(ticket).status == "resolved"

    def test_a_declined_ticket_is_reopened_for_a_new_offer(self, make_ticket, cast, system):
        ticket = move(offered(cast, make_ticket()), "decline_offer", actor=cast.bernd.user)
        reopen(ticket, text="Bitte doch.", actor=seeing(cast.astrid), now=LATER)
        assert (fresh(ticket).status, concern_of(ticket).wish_open) == ("in_progress", True)

    def test_not_while_it_is_open_not_too_late_not_by_us(self, make_ticket, cast, system):
        ticket = make_ticket()
        with pytest.raises(NotReopenable):
            reopen(ticket, text="x", actor=cast.bernd.user, now=NOW)
        ticket = resolved(cast, ticket)
        with pytest.raises(NotReopenable):
            reopen(ticket, text="x", actor=cast.bernd.user, now=NOW + FORTNIGHT + timedelta(seconds=1))
        for actor in (cast.anna, cast.clara.user):
            with pytest.raises(NotAllowed):
                reopen(ticket, text="x", actor=actor, now=NOW)
        with pytest.raises(UnusableText):
            reopen(ticket, text=" ", actor=cast.bernd.user, now=NOW)
        assert fresh(ticket).status == "resolved"


class TestCancel:
    def test_a_new_request_is_withdrawn_with_or_without_a_reason(self, make_ticket, cast, system):
        for reason, sealed in (("", 0), ("Gefunden!", 1)):
            ticket = make_ticket(title=f"t{sealed}")
            cancel(ticket, reason=reason, actor=cast.bernd.user, now=NOW)
            assert (fresh(ticket).status, fresh(ticket).due_at) == ("cancelled", None)
            assert bool(ticket.events.last().sealed) == bool(sealed)
            with pytest.raises(TransitionNotAllowed):
                cancel(ticket, actor=cast.bernd.user, now=NOW)

    def test_what_we_work_on_is_stopped_not_withdrawn(self, make_ticket, cast, system):
        ticket = make_ticket()
        begin_review(ticket, actor=cast.anna, now=NOW)
        publish(cast, ticket, "COV-USE")
        with pytest.raises(TransitionNotAllowed):
            cancel(ticket, actor=cast.bernd.user, now=NOW)

    def test_an_offer_is_decided_first(self, make_ticket, cast, system):
        ticket = offered(cast, make_ticket())
        split(ticket, titles=["Zwei"], actor=cast.anna, now=NOW)  # in review again
        with pytest.raises(NotCancellable):
            cancel(ticket, actor=cast.bernd.user, now=NOW)

    def test_only_by_the_customer(self, make_ticket, cast):
        for actor in (cast.anna, cast.clara.user):
            with pytest.raises(NotAllowed):
                cancel(make_ticket(title=actor.name), actor=actor, now=NOW)


class TestRate:
    def test_a_later_rating_replaces_the_earlier(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        rate(ticket, stars=2, comment="Zäh.", actor=cast.bernd.user, now=NOW)
        rate(ticket, stars=5, actor=cast.bernd.user, now=LATER)
        assert (fresh(ticket).rating, fresh(ticket).rating_comment, fresh(ticket).status) == (5, "", "resolved")
        assert kinds(ticket).count("ticket.rated") == 2

    @pytest.mark.parametrize("stars", [0, 6, -1, "5", None, 4.5, True])
    def test_one_to_five_stars(self, make_ticket, cast, system, stars):
        with pytest.raises(NotRateable) as refused:
            rate(resolved(cast, make_ticket()), stars=stars, actor=cast.bernd.user, now=NOW)
        assert refused.value.field == "stars"

    def test_only_solved_ones_and_only_by_the_customer(self, make_ticket, cast, system):
        ticket = make_ticket()
        with pytest.raises(NotRateable):
            rate(ticket, stars=3, actor=cast.bernd.user, now=NOW)
        ticket = resolved(cast, ticket)
        for actor in (cast.anna, cast.clara.user):
            with pytest.raises(NotAllowed):
                rate(ticket, stars=3, actor=actor, now=NOW)
