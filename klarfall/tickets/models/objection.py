"""Objection (*Ich sehe das anders*) with its second review."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.assessment import Assessment
from klarfall.tickets.models.concern import Concern
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import Ticket

# Deferred: the review is written down before the new assessment is published. The newest one counts, because
# nothing else says what the review led to (INV-14).
_REVIEWER_IS_ANOTHER = """
    IF EXISTS (
        SELECT FROM tickets_objection o JOIN tickets_assessment judged ON judged.id = o.assessment_id
         WHERE o.id = NEW.id AND o.reviewer_id = judged.assessor_id
           AND (o.result <> 'changed' OR coalesce((
                SELECT a.outcome FROM tickets_assessment a
                 WHERE a.concern_id = o.concern_id AND a.fact > o.reviewed_fact
                 ORDER BY a.fact DESC LIMIT 1), '') NOT IN ('covered', 'not_offered'))
    ) THEN
        RAISE EXCEPTION 'the assessor reviews only in favour of the customer' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""


class ReviewResult(models.TextChoices):
    """How the second review ended."""

    CONFIRMED = "confirmed", _("Confirmed")
    CHANGED = "changed", _("Changed")
    PARTLY = "partly", _("Partly changed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Objection(CustomerOwned):
    """The customer sees an assessment differently; while open, no minute is billable (INV-14)."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="objections")
    assessment = OwnedForeignKey(Assessment, related_name="+")
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    sealed = OwnedForeignKey(SealedText, related_name="+")
    opened_at = models.DateTimeField()
    opened_fact = models.PositiveIntegerField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_fact = models.PositiveIntegerField(null=True, blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(max_length=10, choices=ReviewResult.choices, blank=True)
    review_sealed = OwnedForeignKey(SealedText, null=True, blank=True, related_name="+")

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="objection_of_customer"),
            models.UniqueConstraint(
                fields=["concern"],
                condition=Q(reviewed_at__isnull=True),
                name="one_open_objection_per_concern",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, result="") | (Q(reviewed_at__isnull=False) & ~Q(result="")),
                name="review_has_result",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="objection_of_ticket")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="objection_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="reviewed_objection_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.reviewed_at IS NOT NULL"),
            ),
            pgtrigger.Trigger(
                name="reviewer_is_another",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.reviewer_id IS NOT NULL"),
                func=_REVIEWER_IS_ANOTHER,
            ),
        ]

    def __str__(self) -> str:
        return f"objection {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.reviewed_at is None
