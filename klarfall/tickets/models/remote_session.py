"""RemoteSession: consent first, then the session; no remote time without it (INV-28)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.ticket import Ticket


class ConsentWay(models.TextChoices):
    """How the customer agreed."""

    PORTAL = "portal", _("In the portal")
    PHONE = "phone", _("On the phone")
    EMAIL = "email", _("By e-mail")


class RemoteSession(CustomerOwned):
    """A remote session with the recorded consent of a contact."""

    ticket = OwnedForeignKey(Ticket, related_name="remote_sessions")
    purpose = models.CharField(max_length=200)
    consent_by = OwnedForeignKey("customers.Contact", related_name="+")
    consent_at = models.DateTimeField()
    consent_way = models.CharField(max_length=8, choices=ConsentWay.choices)
    #: Why it goes ahead although the customer has no data-processing agreement on file.
    dpa_reason = models.CharField(max_length=240, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="remote_session_of_customer"),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="remote_session_of_ticket")]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="consent_stays", fields=["ticket", "consent_by", "consent_at", "consent_way", "recorded_by"]
            ),
        ]

    def __str__(self) -> str:
        return f"remote session {self.pk}"
