"""An erased person leaves nothing in the Helpdesk-Center but the count of a vote."""

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import ProblemReport, Reading, Subscription, SubscriptionNews, Vote
from klarfall.tickets.actions.erase import erase_person
from tests.cast import fresh
from tests.queue import run_jobs


def test_who_is_erased_leaves_no_trace_but_a_count(acme_story):
    bernd = acme_story.cast.bernd
    with viewing_as(SYSTEM):
        assert all(
            model.objects.filter(contact=bernd).exists() for model in (Vote, Reading, ProblemReport, Subscription)
        )
    erase_person(bernd.user, actor=acme_story.things["admin"], now=acme_story.later())
    run_jobs("knowledge.forget")
    with viewing_as(SYSTEM):
        assert [one.comment for one in Vote.objects.filter(contact=bernd)] == [""]
        assert not any(model.objects.filter(contact=bernd).exists() for model in (Reading, ProblemReport, Subscription))
        assert not SubscriptionNews.objects.exists()
    assert fresh(acme_story.things["article"]).not_helped == 1
