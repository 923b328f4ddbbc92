"""BillingBatch (Abrechnungslauf) with its lines: minutes and money leave the house exactly once (INV-19, INV-20)."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klarfall.billing.models import batch_rules
from klarfall.billing.models.frozen import FrozenOnce
from klarfall.billing.models.offer import CostOffer
from klarfall.billing.models.time_entry import TimeEntry
from klarfall.billing.models.unbilled import OutdatesPreview, WaitsForFreezing
from klarfall.billing.status import BatchStatus
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.numbers import BATCH_NUMBERS, NextNumber
from klarfall.tickets.models import Concern, Ticket

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class LineKinds(models.TextChoices):
    """Kinds of billing lines (section 6)."""

    WORK = "work", _("Work")
    ROUNDING = "rounding", _("Rounding")
    CAP_REDUCTION = "cap_reduction", _("Reduction to the cap")
    GOODWILL = "goodwill", _("Goodwill")
    CORRECTION = "correction", _("Correction")


class BillingBatch(models.Model):
    """One billing run: everything unbilled of minutes before `until`, for all customers.

    `open` is a preview that may be computed anew or thrown away; a frozen one never changes. The period is local days
    of the vendor's zone; corrections of earlier periods fall into the run that is made next.
    """

    number = models.BigIntegerField(unique=True, db_default=NextNumber(BATCH_NUMBERS))
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="last day, inclusive")
    until = models.DateTimeField(help_text="midnight after the last day, vendor's zone")
    status = models.CharField(max_length=8, choices=BatchStatus.choices, default=BatchStatus.OPEN)
    #: What the worker is doing: "", computing, freezing, exporting; and the last concern the preview has done.
    stage = models.CharField(max_length=12, blank=True)
    cursor = models.BigIntegerField(default=0)
    #: Hash of the VAT rates and the vendor's zone and country that the preview was computed with.
    basis = models.CharField(max_length=64, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    frozen_at = models.DateTimeField(null=True, blank=True)
    exported_at = models.DateTimeField(null=True, blank=True)
    concerns = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    minutes = models.BigIntegerField(default=0)
    net = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal("0.00"))
    #: Over all lines in order; in the audit trail too, so that a later change is detected (INV-29).
    content_hash = models.CharField(max_length=64, blank=True)
    csv_key = models.CharField(max_length=80, blank=True)
    csv_sha256 = models.CharField(max_length=64, blank=True)
    json_key = models.CharField(max_length=80, blank=True)
    json_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="batch_period_in_order"),
            models.UniqueConstraint(fields=["status"], condition=Q(status="open"), name="one_open_batch"),
            models.CheckConstraint(
                condition=Q(status="open") | (Q(frozen_at__isnull=False) & ~Q(content_hash="")),
                name="frozen_batch_is_sealed",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="frozen_batch_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.status <> 'open'"),
            ),
            FrozenOnce(
                name="frozen_batch_stays",
                exclude=[
                    "status", "stage", "exported_at", "csv_key", "csv_sha256", "json_key", "json_sha256",
                ],
                when_old=~pgtrigger.Q(old__status="open"),
            ),
            FrozenOnce(
                name="exported_batch_stays", exclude=["stage"], when_old=pgtrigger.Q(old__status="exported")
            ),
            pgtrigger.Trigger(
                name="frozen_batch_adds_up",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=batch_rules.BATCH_ADDS_UP,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"batch {self.number}"


class Unbilled(CustomerOwned):
    """A concern with something that no batch holds yet; kept by triggers, removed by freezing.

    `since` is its earliest new minute; the epoch for what changes billed minutes (a stop, goodwill, a new assessment).
    `version` grows with every change: a preview that saw an older one is computed anew.
    """

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="+")
    since = models.DateTimeField()
    version = models.BigIntegerField()

    portal_sight = "ticket"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["concern"], name="one_unbilled_row_per_concern")]
        indexes: ClassVar = [models.Index(fields=["since"], name="unbilled_by_time")]

    def __str__(self) -> str:
        return f"unbilled concern {self.concern_id}"


class BatchConcern(CustomerOwned):
    """What one concern adds to an open batch: lines and locks as they would be frozen; gone afterwards."""

    batch = models.ForeignKey(BillingBatch, models.CASCADE, related_name="items")
    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="+")
    version = models.BigIntegerField(help_text="that of Unbilled when it was computed")
    minutes = models.IntegerField()
    net = models.DecimalField(max_digits=12, decimal_places=2)
    lines = models.JSONField()
    locks = models.JSONField()

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "concern"], name="concern_once_in_batch"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "customer", "concern"], name="batch_concern_by_customer"),
        ]

    def __str__(self) -> str:
        return f"concern {self.concern_id} in batch {self.batch_id}"


class BillingLine(CustomerOwned):
    """One line of a frozen batch, append-only. Net and minutes are negative where something is taken back.

    `begins`, `ends`: service period; its local days are the service dates. `category`, `percent`: VAT (rule 8).
    `reason` holds the figures the line was made of.
    """

    batch = models.ForeignKey(BillingBatch, models.PROTECT, related_name="billing_lines")
    ticket = OwnedForeignKey(Ticket, related_name="billing_lines")
    concern = OwnedForeignKey(Concern, related_name="billing_lines")
    offer = OwnedForeignKey(CostOffer, related_name="billing_lines")
    kind = models.CharField(max_length=13, choices=LineKinds.choices)
    #: The kind it counts for: that of the corrected line where this is a correction.
    counts_for = models.CharField(max_length=13, choices=LineKinds.choices)
    corrects = OwnedForeignKey("self", null=True, blank=True, related_name="corrections")
    category = models.CharField(max_length=2)
    percent = models.DecimalField(max_digits=4, decimal_places=2)
    minutes = models.IntegerField()
    rate = models.DecimalField(max_digits=8, decimal_places=2)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    service_from = models.DateField()
    service_to = models.DateField()
    reason = models.JSONField(default=dict)

    portal_sight = "costs"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="billing_line_of_customer"),
            models.CheckConstraint(condition=~Q(net=0) | ~Q(minutes=0), name="billing_line_says_something"),
            models.CheckConstraint(condition=Q(service_to__gte=F("service_from")), name="service_dates_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "customer", "id"], name="billing_line_of_batch"),
            models.Index(fields=["concern"], name="billing_line_of_concern"),
            models.Index(fields=["offer"], name="billing_line_of_offer"),
            models.Index(fields=["ticket"], name="billing_line_of_ticket"),
            models.Index(fields=["customer", "service_to", "id"], name="billing_line_by_month"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="billing_line_is_append_only", operation=_APPEND_ONLY),
            batch_rules.on_new_rows("billing_lines_are_true", batch_rules.LINES_ARE_TRUE, "new_lines"),
        ]

    def __str__(self) -> str:
        return f"billing line {self.pk}"


class BilledOffer(models.Model):
    """The numbers of an offer with lines, for whoever sees the customer's costs; a database view.

    The offer and its ticket themselves may be out of the viewer's sight (confidential, a colleague's).
    """

    id = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField()
    ticket_number = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "public_billed_offer"

    def __str__(self) -> str:
        return f"billed offer {self.number}"


class TimeLock(CustomerOwned):
    """Whole minutes [start, end) of an entry that a batch froze or an issued service record shows; append-only.

    `offer` is the one they were allotted to, None where they cost nothing. Later entries never change them (rule 2).
    """

    ticket = OwnedForeignKey(Ticket, related_name="+")
    concern = OwnedForeignKey(Concern, related_name="+")
    entry = OwnedForeignKey(TimeEntry, related_name="locks")
    offer = OwnedForeignKey(CostOffer, null=True, blank=True, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    batch = models.ForeignKey(BillingBatch, models.PROTECT, null=True, blank=True, related_name="+")
    record = OwnedForeignKey("billing.ServiceRecord", null=True, blank=True, related_name="+")

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "start"], name="minute_locked_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="lock_in_order"),
            models.CheckConstraint(condition=Q(batch__isnull=False) | Q(record__isnull=False), name="lock_has_a_cause"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="time_lock_of_ticket"),
            models.Index(fields=["concern"], name="time_lock_of_concern"),
            models.Index(fields=["batch"], name="time_lock_of_batch"),
            models.Index(fields=["offer"], name="time_lock_of_offer", condition=Q(offer__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="time_lock_is_append_only", operation=_APPEND_ONLY),
            OutdatesPreview(
                name="record_lock_outdates",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.record_id IS NOT NULL"),
            ),
            WaitsForFreezing(name="lock_waits_for_freezing", operation=pgtrigger.Insert),
            batch_rules.on_new_rows("time_locks_are_true", batch_rules.LOCKS_ARE_TRUE, "new_locks"),
        ]

    def __str__(self) -> str:
        return f"lock on entry {self.entry_id}"
