"""The first look, the free question, splitting, assigning, and the moment from which work was possible again."""

from datetime import timedelta

import pytest

from klarfall.core.action import NotAllowed
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets.actions.assign import NotAssignable, assign
from klarfall.tickets.actions.restore import NotRestorable, restore
from klarfall.tickets.actions.review import (
    MOST_CONCERNS,
    NotReviewable,
    ask_coverage,
    begin_review,
    rename_concern,
    split,
)
from klarfall.tickets.models import Concern
from klarfall.tickets.tests.steps import kinds, offered, publish, resolved
from klarfall.tickets.text import UnusableText
from tests.cast import NOW, concern_of, fresh, make_staff


def test_the_first_look_is_seen_by_the_customer_once(make_ticket, cast, system):
    ticket = make_ticket()
    begin_review(ticket, actor=cast.anna, now=NOW)
    assert (fresh(ticket).status, concern_of(ticket).status) == ("in_review", "in_review")
    assert ticket.events.get(kind="ticket.begin_review").public
    with pytest.raises(TransitionNotAllowed):
        begin_review(ticket, actor=cast.dora, now=NOW)


def test_asking_whether_it_is_covered_begins_the_review_and_is_asked_once(make_ticket, cast, system):
    ticket = make_ticket()
    ask_coverage(ticket, actor=cast.bernd.user, now=NOW)
    assert (fresh(ticket).status, fresh(ticket).coverage_asked_at) == ("in_review", NOW)
    assert fresh(ticket).due_at is not None
    with pytest.raises(NotReviewable):
        ask_coverage(ticket, actor=cast.bernd.user, now=NOW)
    begin_review(ticket, actor=cast.anna, now=NOW)  # the concern is still to be looked at
    publish(cast, ticket, "COV-USE")
    assert fresh(ticket).coverage_asked_at is None
    with pytest.raises(NotReviewable):  # the card says it
        ask_coverage(ticket, actor=cast.bernd.user, now=NOW)


def test_a_finished_request_is_asked_nothing(make_ticket, cast, system):
    ticket = resolved(cast, make_ticket())
    with pytest.raises(NotReviewable):
        ask_coverage(ticket, actor=cast.bernd.user, now=NOW)


class TestSplit:
    def test_each_concern_stands_behind_the_last(self, make_ticket, cast, system):
        ticket = make_ticket()
        new = split(ticket, titles=["Zwei", " Drei "], actor=cast.anna, now=NOW)
        rows = Concern.objects.filter(ticket=ticket).values_list("position", "title", "status")
        assert list(rows) == [
            (1, ticket.title, "in_review"),
            (2, "Zwei", "in_review"),
            (3, "Drei", "in_review"),
        ]
        assert [concern.status for concern in new] == ["in_review", "in_review"]
        assert kinds(ticket).count("concern.added") == 2

    def test_a_new_concern_ends_the_waiting_for_a_decision(self, make_ticket, cast, system):
        ticket = offered(cast, make_ticket())
        split(ticket, titles=["Zwei"], actor=cast.anna, now=NOW)
        assert fresh(ticket).status == "in_review"
        assert concern_of(ticket).status == "offered"

    @pytest.mark.parametrize(
        "titles",
        [[], [""], ["  "], ["Zwei", "zwei"], ["SALDO STIMMT NICHT"], ["x" * 161], ["\x00"], ["y"] * 3],
    )
    def test_names_are_needed_and_differ(self, make_ticket, cast, system, titles):
        ticket = make_ticket()
        with pytest.raises((NotReviewable, UnusableText)) as refused:
            split(ticket, titles=titles, actor=cast.anna, now=NOW)
        assert refused.value.field == "titles"
        assert Concern.objects.filter(ticket=ticket).count() == 1

    def test_there_is_a_limit(self, make_ticket, cast):
        ticket = make_ticket()
        split(ticket, titles=[f"Nr. {n}" for n in range(2, MOST_CONCERNS + 1)], actor=cast.anna, now=NOW)
        with pytest.raises(NotReviewable):
            split(ticket, titles=["Einer zu viel"], actor=cast.anna, now=NOW)

    def test_a_finished_request_is_not_split(self, make_ticket, cast, system):
        ticket = resolved(cast, make_ticket())
        with pytest.raises(NotReviewable):
            split(ticket, titles=["Zwei"], actor=cast.anna, now=NOW)
        with pytest.raises(NotReviewable):
            rename_concern(concern_of(ticket), title="Anders", actor=cast.anna, now=NOW)

    def test_a_concern_can_be_named_anew(self, make_ticket, cast, system):
        ticket = make_ticket()
        rename_concern(concern_of(ticket), title="Saldo Liegenschaft 12", actor=cast.anna, now=NOW)
        assert concern_of(ticket).title == "Saldo Liegenschaft 12"
        event = ticket.events.get(kind="concern.renamed")
        assert (event.sealed.text, event.sealed.data) == ("Saldo Liegenschaft 12", {"before": "Saldo stimmt nicht"})


class TestAssign:
    def test_a_ticket_changes_hands_and_the_same_hands_are_no_news(self, make_ticket, cast, system):
        ticket = make_ticket()
        for to in (cast.anna, cast.anna, cast.dora, None):
            assign(ticket, to=to, actor=cast.dora, now=NOW)
        assert fresh(ticket).assignee is None
        told = [event.data for event in ticket.events.filter(kind="ticket.assigned")]
        anna, dora = cast.anna.pk, cast.dora.pk
        assert told == [{"from": None, "to": anna}, {"from": anna, "to": dora}, {"from": dora, "to": None}]

    def test_only_specialists_on_duty_take_over(self, make_ticket, cast, system):
        editor, left = make_staff("Edda", "editor"), make_staff("Linus")
        left.is_active = False
        for to in (cast.bernd.user, editor, left):
            with pytest.raises(NotAssignable) as refused:
                assign(make_ticket(title=f"für {to}"), to=to, actor=cast.dora, now=NOW)
            assert refused.value.field == "to"

    def test_a_finished_ticket_stays_where_it_is(self, make_ticket, cast, system):
        with pytest.raises(NotAssignable):
            assign(resolved(cast, make_ticket()), to=cast.anna, actor=cast.dora, now=NOW)


class TestRestore:
    def test_the_moment_and_the_workaround_are_kept(self, make_ticket, cast, system):
        ticket = make_ticket()
        at = NOW + timedelta(minutes=20)
        restore(ticket, at=at, workaround="Über den alten Arbeitsplatz.", actor=cast.anna, now=at)
        assert (fresh(ticket).restored_at, fresh(ticket).workaround) == (at, "Über den alten Arbeitsplatz.")
        assert ticket.events.get(kind="work.restored").sealed.text == "Über den alten Arbeitsplatz."
        with pytest.raises(NotRestorable):
            restore(ticket, at=at, workaround="Noch einmal.", actor=cast.anna, now=at)

    @pytest.mark.parametrize("minutes", [1, -1])
    def test_it_lies_between_request_and_now(self, make_ticket, cast, minutes):
        with pytest.raises(NotRestorable) as refused:
            restore(make_ticket(), at=NOW + timedelta(minutes=minutes), workaround="x", actor=cast.anna, now=NOW)
        assert refused.value.field == "at"

    def test_it_says_how(self, make_ticket, cast):
        with pytest.raises(UnusableText) as refused:
            restore(make_ticket(), at=NOW, workaround=" ", actor=cast.anna, now=NOW)
        assert refused.value.field == "workaround"


@pytest.mark.parametrize("who", ["bernd", "astrid", "clara"])
def test_customers_do_none_of_our_work(make_ticket, cast, who):
    ticket, actor = make_ticket(), getattr(cast, who).user
    for act in (
        lambda: begin_review(ticket, actor=actor, now=NOW),
        lambda: split(ticket, titles=["Zwei"], actor=actor, now=NOW),
        lambda: rename_concern(concern_of(ticket), title="Zwei", actor=actor, now=NOW),
        lambda: assign(ticket, to=cast.anna, actor=actor, now=NOW),
        lambda: restore(ticket, at=NOW, workaround="x", actor=actor, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert kinds(ticket) == ["ticket.submitted"]


def test_staff_and_strangers_do_not_ask_for_the_customer(make_ticket, cast):
    ticket = make_ticket()
    for actor in (cast.anna, cast.dora, cast.clara.user):
        with pytest.raises(NotAllowed):
            ask_coverage(ticket, actor=actor, now=NOW)
