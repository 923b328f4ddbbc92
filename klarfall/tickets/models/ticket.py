"""Ticket (Anfrage): the conversation with a customer about one or more concerns."""

from datetime import timedelta
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.entitlement import Check, checklist
from klarfall.contracts.models.product import ChannelKind
from klarfall.core.isolation import CustomerOwned, CustomerOwnedManager, OwnedForeignKey
from klarfall.core.numbers import TICKET_NUMBERS, NextNumber
from klarfall.core.seals import GENESIS
from klarfall.service_levels.models import Impact
from klarfall.tickets.queries import TicketQuerySet
from klarfall.tickets.status import LIVE, REOPEN_DAYS, TicketStatus


class ResolutionKind(models.TextChoices):
    """How a ticket was solved (R13, R14)."""

    USE_CLARIFIED = "use_clarified", _("Use clarified")
    PROPER_USE = "proper_use", _("Proper use restored")
    WORKAROUND = "workaround", _("Workaround")
    DEFECT_FIXED = "defect_fixed", _("Defect fixed in a version")
    HANDED_OVER = "handed_over", _("Handed over")
    COMMISSIONED_DONE = "commissioned_done", _("Commissioned work done")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NO_WORK = "no_work", _("Finished without work")


class Ticket(CustomerOwned):
    """One request of a customer. Coverage, offers and time hang on its concerns, never on it."""

    number = models.BigIntegerField(unique=True, db_default=NextNumber(TICKET_NUMBERS))
    contact = OwnedForeignKey("customers.Contact", related_name="tickets")
    title = models.CharField(max_length=160)
    product = models.ForeignKey("contracts.Product", models.PROTECT, related_name="+")
    version = models.ForeignKey("contracts.ProductVersion", models.PROTECT, null=True, blank=True, related_name="+")
    partner_product = models.ForeignKey("contracts.Product", models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey("contracts.Area", models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.ForeignKey("contracts.RequestKind", models.PROTECT, null=True, blank=True, related_name="+")
    impact = models.CharField(max_length=10, choices=Impact.choices, default=Impact.HINDERED)
    tried = models.TextField(blank=True)
    needed_by = models.DateField(null=True, blank=True)
    channel = models.CharField(max_length=8, choices=ChannelKind.choices, default=ChannelKind.PORTAL)
    confidential = models.BooleanField(default=False)

    # In force when it was submitted; never changed (INV-11).
    submitted_at = models.DateTimeField()
    terms = models.ForeignKey("contracts.TermsVersion", models.PROTECT, related_name="+")
    contract_line = OwnedForeignKey("contracts.ContractLine", null=True, blank=True, related_name="+")
    calendar = models.ForeignKey("service_levels.ServiceCalendar", models.PROTECT, related_name="+")

    status = models.CharField(max_length=24, choices=TicketStatus.choices, default=TicketStatus.NEW)
    status_since = models.DateTimeField()
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    #: The customer asked *Ist das im Vertrag enthalten?* and was not answered yet.
    coverage_asked_at = models.DateTimeField(null=True, blank=True)
    #: We asked the customer something and wait for the answer.
    question_at = models.DateTimeField(null=True, blank=True)

    # Deadlines in UTC, recalculated by tickets/sla.py only.
    first_due_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    #: Service minutes left while the clock is paused.
    due_left = models.PositiveIntegerField(null=True, blank=True)
    #: Sort key of the work lists: the deadline, or far behind all deadlines.
    queue_at = models.DateTimeField()

    #: When the first cost offer went out: from then on, people with cost release see the ticket.
    offered_at = models.DateTimeField(null=True, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)
    workaround = models.TextField(blank=True)
    resolution_kind = models.CharField(max_length=20, choices=ResolutionKind.choices, blank=True)
    solution = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    rating_comment = models.TextField(blank=True)
    follow_up_of = OwnedForeignKey("self", null=True, blank=True, related_name="follow_ups")
    changed_at = models.DateTimeField()

    # Head of the event chain (INV-29); written with every event.
    chain_length = models.PositiveIntegerField(default=0)
    chain_head = models.CharField(max_length=64, default=GENESIS)

    #: The message it was opened with: on the very object that `open_ticket` has made, stored nowhere.
    opened_with: Any = None

    portal_sight = "self_ticket"
    objects = CustomerOwnedManager.from_queryset(TicketQuerySet)()  # type: ignore[misc]

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="ticket_of_customer"),
            models.CheckConstraint(
                condition=~Q(status__in=["resolved", "closed"]) | (~Q(solution="") & ~Q(resolution_kind="")),
                name="resolved_ticket_has_solution",
            ),
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="rating_1_to_5"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["status", "queue_at", "id"],
                name="ticket_worklist",
                condition=Q(status__in=[str(s) for s in LIVE]),
            ),
            models.Index(
                fields=["assignee", "queue_at", "id"],
                name="ticket_of_assignee",
                condition=Q(status__in=[str(s) for s in LIVE]),
            ),
            models.Index(
                fields=["queue_at", "id"],
                name="ticket_live",
                condition=Q(status__in=[str(s) for s in LIVE]),
            ),
            models.Index(fields=["customer", "-changed_at", "-id"], name="ticket_of_customer_new"),
            models.Index(fields=["contact", "-changed_at", "-id"], name="ticket_of_contact_new"),
            models.Index(
                fields=["resolved_at"],
                name="ticket_to_close",
                condition=Q(status="resolved"),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="ticket_origin_stays",
                fields=["customer", "number", "submitted_at", "terms", "contract_line"],
            ),
        ]

    def __str__(self) -> str:
        return f"ticket {self.number}"

    @property
    def is_live(self) -> bool:
        """Does the ticket still need somebody?"""
        return self.status in LIVE

    def entitlement(self) -> tuple[Check, ...]:
        """The checklist of the moment of submission; load `contract_line` and `contact` with the ticket.

        The bound line was in force then (INV-11), whatever became of its contract later.
        """
        line = self.contract_line
        return checklist(
            channels=line.channels if line else None,
            channel=self.channel,
            contact_belongs=self.contact.customer_id == self.customer_id,
        )

    def can_reopen(self, now: Any) -> bool:
        """May the customer reopen it: solved, and not longer ago than 14 days."""
        return (
            self.status == TicketStatus.RESOLVED
            and self.resolved_at is not None
            and now <= self.resolved_at + timedelta(days=REOPEN_DAYS)
        )
