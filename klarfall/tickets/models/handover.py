"""ConsultantRequest and TrainingRequest: what goes to the other teams (R54)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
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
    #: Up to three days that would suit; a calendar can hold them, other than the words beside.
    preferred_on = ArrayField(models.DateField(), size=3, default=list, blank=True)
    status = models.CharField(max_length=10, choices=HandoverStatus.choices, default=HandoverStatus.REQUESTED)
    scheduled_on = models.DateField(null=True, blank=True)
    #: The agreed time, once it is known; without it the appointment fills its day.
    starts_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    #: To whom it was handed over by mail, and when.
    team_address = models.EmailField(blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    #: What the team last wrote to the customer.
    team_note = models.TextField(blank=True)
    #: SEQUENCE of the calendar entry (RFC 5545): a later one replaces an earlier one.
    calendar_sequence = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    portal_sight = "contact"

    class Meta(CustomerOwned.Meta):
        abstract = True


class ConsultantRequest(Handover):
    """A wish for an appointment with the consultants; no support is charged for it."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(CONSULTING_NUMBERS))

    class Meta(Handover.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="consulting_of_customer"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "concern"], name="consulting_of_concern"),
            models.Index(fields=["status", "id"], name="consulting_by_status"),
        ]

    def __str__(self) -> str:
        return f"consultant request {self.number}"


class TrainingRequest(Handover):
    """A wish for a training instead of chargeable support."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(TRAINING_NUMBERS))

    #: Which of the trainings on offer; none = the customer describes what they need.
    offer = models.ForeignKey("contracts.TrainingOffer", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Handover.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="training_wish_of_customer"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "concern"], name="training_wish_of_concern"),
            models.Index(fields=["status", "id"], name="training_wish_by_status"),
        ]

    def __str__(self) -> str:
        return f"training request {self.number}"


class HandoverPass(CustomerOwned):
    """The other team's way to one wish, and to nothing else; only the hash of its token is stored."""

    consulting = OwnedForeignKey(ConsultantRequest, null=True, blank=True, related_name="passes")
    training = OwnedForeignKey(TrainingRequest, null=True, blank=True, related_name="passes")
    token_hash = models.CharField(max_length=64, unique=True)
    address = models.EmailField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(consulting__isnull=True) ^ Q(training__isnull=True), name="pass_for_one_wish"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "consulting"], name="pass_of_consulting"),
            models.Index(fields=["customer", "training"], name="pass_of_training"),
        ]

    def __str__(self) -> str:
        return f"pass {self.pk}"

    @property
    def wish(self) -> ConsultantRequest | TrainingRequest:
        """The one wish that it opens."""
        found: ConsultantRequest | TrainingRequest = self.consulting or self.training
        return found
