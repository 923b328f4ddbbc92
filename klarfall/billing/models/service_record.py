"""ServiceRecord (Leistungsnachweis): what was done on a ticket and what it costs, minute by minute."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from klarfall.billing.models.frozen import FrozenOnce
from klarfall.billing.status import RecordStatus
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models import SealedText, Ticket

_LIVING = ("status", "answered_by", "answered_at", "answer", "pdf_key", "pdf_size", "pdf_sha256")


class ServiceRecord(CustomerOwned):
    """One revision for one ticket; what was issued never changes, a new revision follows instead (INV-20).

    `content` is what page, PDF and mail show: ids, codes and figures, no names (they are looked up, so that people
    can be erased). `inputs` are the facts it was computed from: computing it again gives the same cents (INV-30).
    Money is net. `until`: minutes over by then are in it.
    """

    ticket = OwnedForeignKey(Ticket, related_name="service_records")
    revision = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=9, choices=RecordStatus.choices, default=RecordStatus.DRAFT)
    language = models.CharField(max_length=2, default="de")
    content = models.JSONField()
    inputs = models.JSONField()
    content_hash = models.CharField(max_length=64, help_text="over content and inputs")
    exact_minutes = models.PositiveIntegerField()
    billed_minutes = models.PositiveIntegerField()
    net = models.DecimalField(max_digits=12, decimal_places=2)
    until = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    answered_by = OwnedForeignKey("customers.Contact", null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    #: Why it was disputed, in the customer's words.
    answer = OwnedForeignKey(SealedText, null=True, blank=True, related_name="+")
    #: The PDF in the private store; empty until the worker has made it.
    pdf_key = models.CharField(max_length=80, blank=True)
    pdf_size = models.PositiveIntegerField(default=0)
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    contacts_see = ~Q(status="draft")
    contacts_see_sql = "status <> 'draft'"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["ticket", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="service_record_of_customer"),
            models.UniqueConstraint(fields=["ticket", "revision"], name="one_record_per_revision"),
            models.CheckConstraint(condition=Q(net__gte=0), name="service_record_not_negative"),
            models.CheckConstraint(
                condition=~Q(status="disputed") | Q(answer__isnull=False), name="dispute_has_a_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "issued_at"], name="service_record_by_date")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="service_record_is_kept", operation=pgtrigger.Delete),
            FrozenOnce(
                name="issued_record_stays",
                exclude=list(_LIVING),
                when_old=~pgtrigger.Q(old__status="draft"),
            ),
            FrozenOnce(
                name="record_pdf_stays",
                fields=["pdf_key", "pdf_size", "pdf_sha256"],
                when_old=~pgtrigger.Q(old__pdf_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"service record {self.pk}"
