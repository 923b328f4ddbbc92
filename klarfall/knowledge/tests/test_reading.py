"""Votes: for oneself, of the latest answer, and counted right when many vote at once."""

import pytest

from klarfall.billing.tests.test_concurrency import at_once
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact
from klarfall.knowledge.actions import reading
from klarfall.knowledge.actions.articles import withdraw_article
from klarfall.knowledge.actions.reading import VoteRefused
from klarfall.knowledge.models import Article, Vote
from klarfall.knowledge.tests.shelf import publish
from tests.cast import NOW, fresh, make_contact, make_staff


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


def vote(article, contact, *, helped=True, actor=None, **words):
    by = actor or contact.user
    return reading.vote(article, contact=contact, helped=helped, actor=by, now=NOW, **words)


@pytest.mark.django_db
def test_nobody_votes_for_somebody_else(cast, editor):
    article = publish(cast.erp, editor).article
    for actor in (cast.astrid.user, cast.anna, cast.clara.user):
        with pytest.raises(NotAllowed):
            vote(article, cast.bernd, actor=actor)
        with pytest.raises(NotAllowed):
            reading.withdraw_vote(article, contact=cast.bernd, actor=actor, now=NOW)
    assert (fresh(article).helped, fresh(article).not_helped) == (0, 0)


@pytest.mark.django_db
def test_reason_and_comment_belong_to_a_no(cast, editor):
    article = publish(cast.erp, editor).article
    kept = vote(article, cast.bernd, helped=False, reason="outdated", comment=" Alt\0 ")
    assert (kept.reason, kept.comment) == ("outdated", "Alt")
    kept = vote(article, cast.bernd, helped=True, reason="outdated", comment="Alt")
    assert (kept.reason, kept.comment) == ("", "")
    assert vote(article, cast.astrid, helped=False, reason="no such reason").reason == ""


@pytest.mark.django_db
def test_what_was_withdrawn_takes_no_votes(cast, editor):
    article = publish(cast.erp, editor).article
    withdraw_article(article, actor=editor, now=NOW)
    with pytest.raises(VoteRefused):
        vote(article, cast.bernd)


@pytest.mark.django_db
def test_people_count_once_however_many_companies_they_work_for(cast, editor):
    article = publish(cast.erp, editor).article
    with viewing_as(SYSTEM):
        elsewhere = Contact.objects.create(customer=cast.clara.customer, user=cast.bernd.user, roles=["requester"])
        Vote.objects.create(
            customer_id=elsewhere.customer_id, contact=elsewhere, article=article, helped=True, created_at=NOW
        )
        Article.objects.filter(pk=article.pk).update(helped=1)
    vote(article, cast.bernd, helped=False)
    assert (fresh(article).helped, fresh(article).not_helped) == (0, 1)
    vote(article, elsewhere, helped=True)
    with viewing_as(SYSTEM):
        assert Vote.objects.get(article=article).helped
    assert (fresh(article).helped, fresh(article).not_helped) == (1, 0)
    reading.withdraw_vote(article, contact=cast.bernd, actor=cast.bernd.user, now=NOW)
    assert (fresh(article).helped, fresh(article).not_helped) == (0, 0)


@pytest.mark.django_db
def test_a_billing_viewer_votes_too(cast, editor):
    article = publish(cast.erp, editor).article
    viewer = make_contact("Ferdinand", cast.acme, "billing_viewer")
    assert vote(article, viewer).helped


def test_counts_are_right_when_many_vote_at_once(committed_db, cast, editor):
    article = publish(cast.erp, editor).article
    people = [cast.bernd, cast.astrid, cast.clara]
    steps = [
        lambda one=one, helped=helped: vote(article, one, helped=helped) for one in people for helped in (True, False)
    ]
    results = at_once(*steps)
    assert [one for one in results if isinstance(one, Exception)] == []
    with viewing_as(SYSTEM):
        kept = list(Vote.objects.values_list("helped", flat=True))
    found = fresh(article)
    assert (found.helped, found.not_helped) == (kept.count(True), kept.count(False))
    assert len(kept) == len(people)
