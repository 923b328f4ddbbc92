"""Assessment (Einordnung): a person's published answer to "is this covered?"."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.terms import CatalogueItem, Outcome
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.attachment import Attachment
from klarfall.tickets.models.concern import Concern
from klarfall.tickets.models.message import Message
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import Ticket


class Cause(models.TextChoices):
    """What caused the problem, as far as it is established (section 4, step 4)."""

    UNKNOWN = "unknown", _("Not known yet")
    IMPROPER_USE = "improper_use", _("Use other than intended")
    INFRASTRUCTURE = "infrastructure", _("Hardware, operating system or network")
    DEFECT = "defect", _("Product defect")
    NOT_RELEVANT = "not_relevant", _("Not relevant")


class Training(models.TextChoices):
    """Was the person trained? Informative; missing training alone never decides (R16)."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class Trigger(models.TextChoices):
    """Why this assessment was made."""

    INITIAL = "initial", _("First assessment")
    NEW_INFORMATION = "new_information", _("New information")
    MIDWAY = "midway", _("Found out during the work")
    OBJECTION = "objection", _("Second review")
    DEFECT = "defect", _("A defect was found")


class Assessment(CustomerOwned):
    """One published assessment; append-only. The reason stands in the sealed side row."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="assessments")
    sequence = models.PositiveSmallIntegerField()
    #: Place among all facts of the concern, for facts of one instant.
    fact = models.PositiveIntegerField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    item = models.ForeignKey(CatalogueItem, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=16, choices=Cause.choices, default=Cause.NOT_RELEVANT)
    training = models.CharField(max_length=8, choices=Training.choices, default=Training.UNKNOWN)
    trigger = models.CharField(max_length=16, choices=Trigger.choices, default=Trigger.INITIAL)
    by_call = models.BooleanField(default=False)
    #: `text` is the reason, `data["call_note"]` the note of a call, `data["next_step"]`.
    sealed = OwnedForeignKey(SealedText, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="assessment_of_customer"),
            models.UniqueConstraint(fields=["concern", "sequence"], name="assessment_sequence"),
            models.UniqueConstraint(fields=["concern", "id", "outcome"], name="assessment_with_outcome"),
            models.CheckConstraint(
                condition=~Q(trigger="defect") | Q(outcome="covered"),
                name="defect_means_covered",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="assessment_of_ticket")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="assessment_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="assessment_matches_item",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM contracts_catalogueitem i
                          JOIN tickets_ticket t ON t.id = NEW.ticket_id AND t.terms_id = i.terms_id
                         WHERE i.id = NEW.item_id AND i.outcome = NEW.outcome
                    ) OR NOT EXISTS (
                        SELECT FROM accounts_user WHERE id = NEW.assessor_id AND kind = 'staff'
                    ) THEN
                        RAISE EXCEPTION 'an assessment takes a person and an item of the terms'
                            ' of its ticket' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"

    @property
    def reason(self) -> str:
        return str(self.sealed.text)

    def codes(self) -> dict[str, Any]:
        """Ids and codes of the row, as its event repeats them: a later change of the row is noticed."""
        names = ("sequence", "outcome", "cause", "training", "trigger", "by_call")
        ids = {"assessment": self.pk, "concern": self.concern_id, "item": self.item_id, "assessor": self.assessor_id}
        return ids | {name: getattr(self, name) for name in names}


class AssessmentBasis(CustomerOwned):
    """A message or file on which an assessment rests (R37)."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    assessment = OwnedForeignKey(Assessment, related_name="basis")
    message = OwnedForeignKey(Message, null=True, blank=True, related_name="+")
    attachment = OwnedForeignKey(Attachment, null=True, blank=True, related_name="+")

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(message__isnull=True) ^ Q(attachment__isnull=True),
                name="basis_is_message_or_file",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "assessment"], name="basis_of_assessment")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="basis_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"basis {self.pk}"
