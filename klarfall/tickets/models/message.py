"""Message: what customer and support write to each other, and internal notes."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from klarfall.contracts.models.product import ChannelKind
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.concern import Concern
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import Ticket


class Message(CustomerOwned):
    """One message of a ticket; its text stands in the sealed side row."""

    ticket = OwnedForeignKey(Ticket, related_name="messages")
    concern = OwnedForeignKey(Concern, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    from_customer = models.BooleanField()
    internal = models.BooleanField(default=False)
    channel = models.CharField(max_length=8, choices=ChannelKind.choices, default=ChannelKind.PORTAL)
    sealed = OwnedForeignKey(SealedText, related_name="+")
    #: The Message-ID of the mail by which it came; answers to it belong here.
    mail_id = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField()

    contacts_see = models.Q(internal=False)
    contacts_see_sql = "NOT internal"

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="message_of_customer"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket", "created_at", "id"], name="message_of_ticket"),
            models.Index(fields=["mail_id"], name="message_by_mail", condition=~models.Q(mail_id="")),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="message_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def text(self) -> str:
        """The text; select `sealed` with the message."""
        return str(self.sealed.text)
