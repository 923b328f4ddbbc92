"""TicketEvent: the chained history of a ticket, and the nightly anchors of its head (INV-29)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import Ticket

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class TicketEvent(CustomerOwned):
    """One thing that happened: code, people by id, and data without personal text."""

    ticket = OwnedForeignKey(Ticket, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    public = models.BooleanField(default=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    sealed = OwnedForeignKey(SealedText, null=True, blank=True, related_name="+")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    contacts_see = models.Q(public=True)
    contacts_see_sql = "public"

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="event_of_customer"),
            models.UniqueConstraint(fields=["ticket", "sequence"], name="event_sequence"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="event_is_append_only", operation=_APPEND_ONLY),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ChainAnchor(models.Model):
    """A night's seal over the heads of all chains that grew since the anchor before."""

    at = models.DateTimeField()
    chains = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="anchor_is_append_only", operation=_APPEND_ONLY),
        ]

    def __str__(self) -> str:
        return f"anchor {self.pk}"


class AnchoredHead(CustomerOwned):
    """The head of one ticket's chain as an anchor saw it; a shorter chain later was cut."""

    anchor = models.ForeignKey(ChainAnchor, models.PROTECT, related_name="heads")
    ticket = OwnedForeignKey(Ticket, related_name="+")
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "ticket"], name="anchored_head_of_ticket"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="anchored_head_is_append_only", operation=_APPEND_ONLY),
        ]

    def __str__(self) -> str:
        return f"head {self.pk}"
