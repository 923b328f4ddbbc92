"""The states of a cost offer, a time entry, a service record and a billing batch (domain.md, section 5)."""

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


class RecordStatus(models.TextChoices):
    """Where a service record (Leistungsnachweis) stands; a disputed one is answered by the next revision."""

    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPUTED = "disputed", _("Disputed")


class BatchStatus(models.TextChoices):
    """Where a billing run (Abrechnungslauf) stands; never back."""

    OPEN = "open", _("Preview")
    FROZEN = "frozen", _("Frozen")
    EXPORTED = "exported", _("Exported")


#: Offers that can still cost something or still wait for an answer.
OPEN_OR_EFFECTIVE = (OfferStatus.SENT, OfferStatus.ACCEPTED, OfferStatus.EXHAUSTED)
EFFECTIVE = (OfferStatus.ACCEPTED, OfferStatus.EXHAUSTED)
