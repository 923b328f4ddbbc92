"""ConsultantRequest and TrainingRequest: what goes to the other teams (R54)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.numbers import CONSULTING_NUMBERS, TRAINING_NUMBERS, NextNumber
from klarfall.tickets.models.concern import Concern


class HandoverStatus(models.TextChoices):
    """Where a hand-over stands."""

    REQUESTED = "requested", _("Requested")
    FORWARDED = "forwarded", _("Handed over")
    SCHEDULED = "scheduled", _("Date agreed")
    DONE = "done", _("Done")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Handover(CustomerOwned):
    """A wish that another team fulfils; from a concern or directly."""

    concern = OwnedForeignKey(Concern, null=True, blank=True, related_name="+")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    product = models.ForeignKey("contracts.Product", models.PROTECT, related_name="+")
    wish = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    preferred_dates = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=HandoverStatus.choices, default=HandoverStatus.REQUESTED)
    scheduled_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        abstract = True


class ConsultantRequest(Handover):
    """A wish for an appointment with the consultants; no support is charged for it."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(CONSULTING_NUMBERS))

    class Meta(Handover.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "concern"], name="consulting_of_concern"),
            models.Index(fields=["status", "id"], name="consulting_by_status"),
        ]

    def __str__(self) -> str:
        return f"consultant request {self.number}"


class TrainingRequest(Handover):
    """A wish for a training instead of chargeable support."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(TRAINING_NUMBERS))

    class Meta(Handover.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "concern"], name="training_wish_of_concern"),
            models.Index(fields=["status", "id"], name="training_wish_by_status"),
        ]

    def __str__(self) -> str:
        return f"training request {self.number}"
