"""Notice: one mail to one person about one event, sent once (R40, INV-27); MailText: the vendor's words in it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models import Ticket, TicketEvent


class NoticeStatus(models.TextChoices):
    """Where a notice stands."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Notice(CustomerOwned):
    """What somebody is told; the unique key makes it one mail per event, person and medium.

    `text` and `html` are kept as sent, with placeholders instead of secret links and codes.
    """

    ticket = OwnedForeignKey(Ticket, null=True, blank=True, related_name="+")
    event = OwnedForeignKey(TicketEvent, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=NoticeStatus.choices, default=NoticeStatus.WAITING)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=250, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    #: When the next attempt is due after one that failed for the moment; empty = a person has to look at it.
    again_at = models.DateTimeField(null=True, blank=True)
    #: A delivery report came back: when, and what it says.
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce = models.CharField(max_length=250, blank=True)

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        indexes: ClassVar = [
            models.Index(fields=["customer", "ticket"], name="notice_of_ticket"),
            models.Index(fields=["-id"], name="notice_failed", condition=models.Q(status="failed")),
            models.Index(fields=["again_at"], name="notice_to_repeat", condition=models.Q(again_at__isnull=False)),
            models.Index(fields=["created_at"], name="notice_waiting", condition=models.Q(status="waiting")),
            models.Index(fields=["message_id"], name="notice_by_message_id", condition=~models.Q(message_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class MailDomain(models.Model):
    """How fast mails go to the addresses of a domain; the row with the empty name is our own mail server.

    `minute` is the newest minute in which places are given away, `taken` how many of them are.
    """

    domain = models.CharField(max_length=253, unique=True, blank=True)
    minute = models.DateTimeField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    #: Its server asked us to come back later: nothing goes there before.
    held_until = models.DateTimeField(null=True, blank=True)
    #: How often in a row that happened; pauses grow with it.
    failures = models.PositiveSmallIntegerField(default=0)
    #: Our mail server takes no mails: since when, and what it says.
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=250, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.domain or "mail server"


class MailText(models.Model):
    """What the vendor says in a kind of mail instead of our words; facts, cards and links are not theirs to change."""

    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=160, blank=True)
    #: Paragraphs before the card, with placeholders in braces; empty = our words.
    opening = models.TextField(blank=True)
    #: The last sentence before the signature; empty = our words.
    closing = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "language"], name="mail_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
