"""Where an edition and a known problem stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EditionStatus(models.TextChoices):
    """States of an edition; once published, its words never change."""

    DRAFT = "draft", _("Draft")
    #: In words of its own: a request "in review" is something else.
    REVIEW = "review", pgettext_lazy("edition of an article", "In review")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class ProblemStatus(models.TextChoices):
    """States of a known problem."""

    OPEN = "open", _("Being examined")
    WORKAROUND = "workaround", _("Workaround known")
    FIXED = "fixed", _("Fixed")
    CLOSED = "closed", _("Closed without a fix")


#: Editions that readers may open.
READABLE = (EditionStatus.PUBLISHED, EditionStatus.SUPERSEDED)
#: Problems that still trouble somebody.
TROUBLING = (ProblemStatus.OPEN, ProblemStatus.WORKAROUND)
