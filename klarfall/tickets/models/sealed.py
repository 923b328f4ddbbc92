"""SealedText: an erasable side row with the personal text that history must not hold (INV-29)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.seals import commitment
from klarfall.tickets.models.ticket import Ticket


class SealedText(CustomerOwned):
    """Text and personal data behind a history row, which holds only the salted commitment.

    It can be erased (text, data and salt emptied), never changed: the chain still verifies.
    """

    ticket = OwnedForeignKey(Ticket, related_name="+")
    #: Whose words or data they are: what `erase_person` empties.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    internal = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    commitment = models.CharField(max_length=64)
    erased_at = models.DateTimeField(null=True, blank=True)

    contacts_see = models.Q(internal=False)
    contacts_see_sql = "NOT internal"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="sealed_text_of_customer"),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="sealed_text_of_ticket")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="sealed_text_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="sealed_text_is_only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (NEW.text = '' AND NEW.data = '{}'::jsonb AND NEW.salt = ''"
                    " AND NEW.erased_at IS NOT NULL AND NEW.commitment = OLD.commitment"
                    " AND NEW.customer_id = OLD.customer_id AND NEW.ticket_id = OLD.ticket_id"
                    " AND NEW.internal = OLD.internal AND NEW.person_id IS NOT DISTINCT FROM OLD.person_id)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"sealed text {self.pk}"

    @property
    def is_intact(self) -> bool:
        """Do text and data still match the commitment? Erased rows cannot be judged and are fine."""
        if self.erased_at is not None:
            return self.text == "" and self.data == {}
        return commitment(self.salt, self.text, self.data) == self.commitment
