"""What goes with an erased person: what they read and wrote about articles, and what they wanted to hear of."""

from klarfall.knowledge.models import ProblemReport, Reading, Subscription, Vote

#: The job that the erasure of a person enqueues.
FORGET = "knowledge.forget"


def forget(person_id: int) -> None:
    """Delete readings, reports and subscriptions of a person and empty the comments of their votes.

    That somebody of the company voted, and how, stays: the article's counters rest on it. Repeating it does no harm.
    """
    Vote.objects.filter(contact__user=person_id).update(comment="")
    for model in (Reading, ProblemReport, Subscription):
        model.objects.filter(contact__user=person_id).delete()
