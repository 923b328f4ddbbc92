"""The card in the states that follow a decision, a stop, an end or a hand-over; the same words on both sites."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from klarfall.billing import cards
from klarfall.billing.actions import assessments, decisions, offers, resolution, time
from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.story import read, ticket_rows
from klarfall.billing.timeline import timeline
from klarfall.core.isolation import SYSTEM, viewer_for, viewing_as
from klarfall.tickets.actions import object as objections
from klarfall.tickets.actions import reply as replies
from tests.cast import concern_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def card_of(now):
    """The card of a ticket's first concern as somebody sees it."""

    def card(ticket, viewer=SYSTEM, links=None):
        with viewing_as(viewer), translation.override("en"):
            story = read(ticket_rows().get(pk=ticket.pk), now=timezone.now())
            return cards.card(story, story.concerns[0], links or cards.Links())

    return card


@pytest.fixture
def accepted(offer, bernd, now):
    decisions.accept(offer, cap=None, text_hash=offer.text_hash, actor=bernd.user, now=now - timedelta(minutes=50))
    return offer


@pytest.fixture
def worked(accepted, anna, now):
    time.record_time(
        accepted.concern, purpose="work", channel="internal", start=now - timedelta(minutes=45),
        end=now - timedelta(minutes=15), activity="Bereinigt", actor=anna, now=now,
    )  # fmt: skip
    return accepted


def test_nothing_is_claimed_before_somebody_has_looked(asked, card_of):
    card = card_of(asked)
    assert (card.state, card.clause_label, card.cost_total) == ("open", "", "")


def test_an_open_offer_names_cap_and_who_decides(offer, card_of):
    card = card_of(offer.ticket, links=cards.Links(decide=lambda one: f"/{one.number}/"))
    assert "at most" in card.cost_total
    assert [one.url for one in card.actions] == [f"/{offer.number}/"]


def test_named_people_are_those_whose_limit_suffices(offer, acme, astrid, card_of):
    with viewing_as(SYSTEM):
        acme.release_policy = "named"
        acme.save()
    assert "Astrid" in card_of(offer.ticket).decides
    with viewing_as(SYSTEM):
        type(astrid).objects.filter(pk=astrid.pk).update(release_limit=Decimal(1))
    assert "Astrid" not in card_of(offer.ticket).decides


def test_used_minutes_and_money_are_exact(worked, card_of):
    card = card_of(worked.ticket)
    assert card.used_percent == 25.0
    assert "30" in card.used_text
    assert "Bernd" in card.decided


def test_a_running_timer_counts_on_the_card(accepted, anna, card_of, now):
    time.start_timer(
        accepted.concern, purpose="work", channel="internal", activity="", actor=anna, now=now - timedelta(minutes=24)
    )
    assert 19.0 < card_of(accepted.ticket).used_percent < 21.0


def test_customer_and_staff_read_the_same_card_and_public_story(worked, anna, bernd, card_of, now):
    replies.write_note(worked.ticket, text="Nur für uns", actor=anna, now=now)
    contact, staff = viewer_for_user(bernd.user), viewer_for_user(anna)
    assert card_of(worked.ticket, contact) == card_of(worked.ticket, staff)
    lines = {}
    for name, viewer in (("contact", contact), ("staff", staff)):
        with viewing_as(viewer):
            story = read(ticket_rows().get(pk=worked.ticket.pk), now=now)
            lines[name] = [line for line in timeline(story, lambda file: "") if not getattr(line, "internal", False)]
    assert lines["contact"] == lines["staff"]


def viewer_for_user(user):
    """Asked with the login role, as the middleware does."""
    return viewer_for(user, timezone.localdate())


ENDINGS = {
    "declined": lambda offer, who, now: decisions.decline(offer, actor=who, now=now),
    "counter": lambda offer, who, now: decisions.counter(offer, text="Weniger", actor=who, now=now),
    "other": lambda offer, who, now: decisions.choose_other_form(offer, alternative="article", actor=who, now=now),
    "expired": lambda offer, who, now: offers.expire_offers(now + timedelta(days=60)),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_was_not_commissioned_costs_nothing(ending, offer, bernd, card_of, now):
    ENDINGS[ending](offer, bernd.user, now)
    card = card_of(offer.ticket)
    assert "0.00" in card.cost_total
    assert card.actions == []
    assert card.next


def test_a_stop_says_since_when_and_what_was_used(worked, bernd, card_of, now):
    decisions.stop(worked.concern, actor=bernd.user, now=now)
    card = card_of(worked.ticket)
    assert card.verdict == "Stopped"
    assert "30" in card.used_text
    assert "Bernd" in card.decided


def test_done_work_offers_no_further_step(worked, anna, card_of, now):
    resolution.resolve(
        worked.ticket, solution="Erledigt.", resolution_kind="commissioned_done", actor=anna, now=timezone.now()
    )
    card = card_of(worked.ticket)
    assert card.actions == []
    assert card.used_percent == 25.0


def test_a_second_review_is_on_the_card_and_hides_nothing(offer, bernd, card_of, now):
    concern = concern_of(offer.ticket)
    objections.open_objection(concern.current_assessment, text="Es war ein Fehler.", actor=bernd.user, now=now)
    card = card_of(offer.ticket, links=cards.Links(disagree=lambda one: "/x/"))
    assert card.review
    assert card.disagree_url == ""
    assert card.why


def test_legal_questions_get_the_fixed_text_once(asked, cast, anna, card_of, now):
    assessments.publish(concern_of(asked), verdict=Verdict(item=cast.item("NOT-LEGAL"), reason=""), actor=anna, now=now)
    card = card_of(asked)
    assert card.state == "not_offered"
    assert card.why.count("Wir beraten nicht rechtlich.") == 1


def test_a_visit_is_handed_over_with_its_number(asked, cast, anna, card_of, now):
    verdict = Verdict(item=cast.item("NOT-ONSITE"), reason="Termin vor Ort.")
    made = assessments.refer(concern_of(asked), verdict=verdict, wish="Halber Tag", actor=anna, now=now)
    assert str(made.number) in card_of(asked).next
