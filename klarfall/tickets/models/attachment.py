"""Attachment and Upload: files of a ticket, and files that wait for their request to be sent."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.draft import RequestDraft
from klarfall.tickets.models.message import Message
from klarfall.tickets.models.ticket import Ticket


class StoredFile(CustomerOwned):
    """What is known of a stored file; its content lies under `key` in the private store."""

    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta(CustomerOwned.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")


class Attachment(StoredFile):
    """A file of a ticket; whoever sees its message sees the file."""

    ticket = OwnedForeignKey(Ticket, related_name="attachments")
    message = OwnedForeignKey(Message, related_name="attachments")
    internal = models.BooleanField(default=False)

    contacts_see = models.Q(internal=False)
    contacts_see_sql = "NOT internal"

    class Meta(StoredFile.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="attachment_of_customer"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="attachment_of_ticket")]
        # The name goes when its person is erased.
        triggers: ClassVar = [pgtrigger.ReadOnly(name="attachment_stays", exclude=["name"])]


class Upload(StoredFile):
    """A file added to a draft before the request is sent."""

    contact = OwnedForeignKey("customers.Contact", related_name="+")
    draft = OwnedForeignKey(RequestDraft, on_delete=models.CASCADE, related_name="uploads")

    portal_sight = "contact"

    class Meta(StoredFile.Meta):
        indexes: ClassVar = [models.Index(fields=["customer", "draft"], name="upload_of_draft")]
