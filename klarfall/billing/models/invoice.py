"""Invoice and VatRate: bills of the vendor's own, for those whose accounting does not write them."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.billing.models.batch import BillingBatch
from klarfall.billing.models.frozen import FrozenOnce
from klarfall.core.isolation import CustomerOwned

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete

# What is billed keeps its rate: a rate begins after the last service day that was billed with another one.
_TURNS_NO_BILL = """
    IF EXISTS (SELECT FROM billing_billingline
                WHERE category = 'S' AND percent <> NEW.percent AND service_to >= NEW.valid_from) THEN
        RAISE EXCEPTION 'a VAT rate for days that were billed with another' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


class VatRate(models.Model):
    """The domestic standard rate (category S) from a day on, by service date (section 6, rule 8); append-only."""

    percent = models.DecimalField(max_digits=4, decimal_places=2)
    valid_from = models.DateField(unique=True)

    class Meta:
        ordering: ClassVar = ["valid_from"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lt=100), name="vat_percent_possible"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="vat_rate_is_append_only", operation=_APPEND_ONLY),
            pgtrigger.Trigger(
                name="vat_rate_turns_no_bill",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_TURNS_NO_BILL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % from {self.valid_from}"


class InvoiceType(models.TextChoices):
    """What a document is; the code of UNCL1001 is 380 or 381."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class Invoice(CustomerOwned):
    """The bill of one customer from one frozen batch, with own gapless number.

    `seller`, `buyer` and `content` (lines, VAT, totals) are as at that time. Amounts of a credit note are positive.
    """

    batch = models.ForeignKey(BillingBatch, models.PROTECT, related_name="invoices")
    serial = models.PositiveBigIntegerField(unique=True)
    number = models.CharField(max_length=30, unique=True)
    type = models.CharField(max_length=11, choices=InvoiceType.choices)
    issued_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    service_from = models.DateField()
    service_to = models.DateField()
    currency = models.CharField(max_length=3, default="EUR")
    net = models.DecimalField(max_digits=14, decimal_places=2)
    vat = models.DecimalField(max_digits=14, decimal_places=2)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    seller = models.JSONField()
    buyer = models.JSONField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    #: ZUGFeRD PDF and XRechnung in the private store; empty until the worker has made and validated them.
    pdf_key = models.CharField(max_length=80, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    xml_key = models.CharField(max_length=80, blank=True)
    xml_sha256 = models.CharField(max_length=64, blank=True)
    #: Rules of EN 16931 or XRechnung that it breaks, as codes; empty when valid.
    problems = models.JSONField(default=list, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    portal_sight = "customer_costs"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["serial"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="invoice_of_customer"),
            models.UniqueConstraint(fields=["batch", "customer"], name="one_invoice_per_batch_and_customer"),
            models.CheckConstraint(
                condition=Q(net__gte=Decimal(0)) & Q(gross=models.F("net") + models.F("vat")),
                name="invoice_adds_up",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "issued_on"], name="invoice_by_date")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="invoice_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="invoice_stays",
                exclude=["pdf_key", "pdf_sha256", "xml_key", "xml_sha256", "problems", "sent_at"],
            ),
            FrozenOnce(
                name="invoice_files_stay",
                fields=["pdf_key", "pdf_sha256", "xml_key", "xml_sha256"],
                when_old=~pgtrigger.Q(old__pdf_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number
