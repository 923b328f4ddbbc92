"""Groups of notices that a person may switch off. What is not named here always comes (domain.md, sections 1 and 7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import Kind


class NoticeGroup(models.TextChoices):
    """The codes stand in User.muted_notices; the database knows them as well and refuses any other."""

    RECEIVED = "received", _("Confirmations that a request has arrived")
    REPLIES = "replies", _("Answers and questions of our specialists")
    PROGRESS = "progress", _("Where a request stands: you can work again, solved")
    WISHES = "wishes", _("Consulting and trainings you asked for")
    REGISTRATIONS = "registrations", _("People who register and wait for you to let them in")
    NEWS = "news", _("News of the help pages that you have subscribed to")
    TEAM_ASSIGNED = "team_assigned", _("Requests that become yours, are withdrawn or reopened")
    TEAM_REPLIES = "team_replies", _("Answers of customers")
    TEAM_QUESTIONS = "team_questions", _("Questions whether something is covered")


#: Which of them a kind of person is asked about; the rest never reaches them.
_FOR = {
    Kind.CONTACT: (
        NoticeGroup.RECEIVED,
        NoticeGroup.REPLIES,
        NoticeGroup.PROGRESS,
        NoticeGroup.WISHES,
        NoticeGroup.REGISTRATIONS,
        NoticeGroup.NEWS,
    ),
    Kind.STAFF: (
        NoticeGroup.TEAM_ASSIGNED,
        NoticeGroup.TEAM_REPLIES,
        NoticeGroup.TEAM_QUESTIONS,
        NoticeGroup.REGISTRATIONS,
    ),
}


def groups_for(kind: str) -> tuple[NoticeGroup, ...]:
    """The groups that people of this kind may switch off."""
    return _FOR.get(Kind(kind), ())
