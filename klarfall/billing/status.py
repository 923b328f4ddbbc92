"""The states of a cost offer and of a time entry (domain.md, section 5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferStatus(models.TextChoices):
    """Where a cost offer stands."""

    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Waiting for a decision")
    ACCEPTED = "accepted", _("Commissioned")
    DECLINED = "declined", _("Not commissioned")
    COUNTERED = "countered", _("Counter-proposal")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXHAUSTED = "exhausted", _("Cap reached")
    COMPLETED = "completed", _("Completed")
    STOPPED = "stopped", _("Stopped")


class EntryStatus(models.TextChoices):
    """Where a time entry stands."""

    RUNNING = "running", _("Running")
    RECORDED = "recorded", _("Recorded")
    LOCKED = "locked", _("Locked")
    EXPORTED = "exported", _("Exported")


#: Offers that can still cost something or still wait for an answer.
OPEN_OR_EFFECTIVE = (OfferStatus.SENT, OfferStatus.ACCEPTED, OfferStatus.EXHAUSTED)
EFFECTIVE = (OfferStatus.ACCEPTED, OfferStatus.EXHAUSTED)
