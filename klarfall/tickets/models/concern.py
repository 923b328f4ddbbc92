"""Concern (Anliegen): what is assessed, offered, decided and worked on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.ticket import Ticket
from klarfall.tickets.status import FINISHED, UNASSESSED, ConcernStatus


class Concern(CustomerOwned):
    """One concern of a ticket. Most tickets have one, and then no page shows the word."""

    ticket = OwnedForeignKey(Ticket, related_name="concerns")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=160)
    scope = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=ConcernStatus.choices, default=ConcernStatus.OPEN)
    current_assessment = OwnedForeignKey("tickets.Assessment", null=True, blank=True, related_name="+")
    #: The customer wants something else than was offered (a counter-proposal, a reopened request):
    #: it is our turn, although the concern is finished for now.
    wish_open = models.BooleanField(default=False)
    #: The cap is reached and an extension waits for the customer's decision.
    extension_open = models.BooleanField(default=False)
    #: The last sequence number given to a fact of this concern (ties of one instant, section 6).
    last_fact = models.PositiveIntegerField(default=0)

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="concern_of_customer"),
            models.UniqueConstraint(fields=["ticket", "position"], name="position_once_per_ticket"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "in_review"]) | Q(current_assessment__isnull=False),
                name="assessed_concern_has_assessment",
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"

    @property
    def is_finished(self) -> bool:
        """Does nothing more happen unless somebody asks for it?"""
        return self.status in FINISHED

    @property
    def is_unassessed(self) -> bool:
        return self.status in UNASSESSED
