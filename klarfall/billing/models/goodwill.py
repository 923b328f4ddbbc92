"""Goodwill (Kulanz): what the vendor leaves out of the bill, with reason and grantor (INV-23)."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from klarfall.billing.models.unbilled import RemembersUnbilled
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models import Concern, Ticket

_GRANTED_BY_STAFF = """
    IF NOT EXISTS (SELECT FROM accounts_user WHERE id = NEW.granted_by_id AND kind = 'staff') THEN
        RAISE EXCEPTION 'goodwill is granted by staff' USING ERRCODE = '23514';
    END IF;
    IF NOT EXISTS (SELECT FROM tickets_concern WHERE id = NEW.concern_id AND ticket_id = NEW.ticket_id) THEN
        RAISE EXCEPTION 'goodwill on a concern of another ticket' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


class Goodwill(CustomerOwned):
    """Minutes or a net amount that the customer does not pay; append-only, grants are summed (section 6, rule 6)."""

    ticket = OwnedForeignKey(Ticket, related_name="goodwill")
    concern = OwnedForeignKey(Concern, related_name="goodwill")
    minutes = models.PositiveIntegerField(default=0)
    net = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal("0.00"))
    reason = models.CharField(max_length=400, help_text="the customer reads it")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="goodwill_of_customer"),
            models.CheckConstraint(
                condition=Q(net__gte=0) & (Q(minutes__gt=0) | Q(net__gt=0)), name="goodwill_grants_something"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="goodwill_has_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="goodwill_of_ticket"),
            models.Index(fields=["concern"], name="goodwill_of_concern"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="goodwill_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="goodwill_by_staff",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_GRANTED_BY_STAFF,
            ),
            RemembersUnbilled(name="goodwill_is_unbilled", operation=pgtrigger.Insert),
        ]

    def __str__(self) -> str:
        return f"goodwill {self.pk}"
