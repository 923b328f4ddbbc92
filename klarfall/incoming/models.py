"""IncomingMail: a message as it arrived; MailCopy: what a request keeps of it; blocked senders and mailboxes."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from klarfall.channels.models import Notice
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.single_rows import SingleRows
from klarfall.customers.models import Contact, Customer
from klarfall.tickets.models import Message, Ticket


class Way(models.TextChoices):
    """How a mail reached us."""

    IMAP = "imap", _("Mailbox (IMAP)")
    LMTP = "lmtp", _("Mail server (LMTP/SMTP)")
    PIPE = "pipe", _("Command")


class Outcome(models.TextChoices):
    """Where every mail ends; nothing ends nowhere."""

    WAITING = "waiting", _("Not filed yet")
    NEW_TICKET = "new_ticket", _("New request")
    REPLY_TO = "reply_to", _("Added to a request")
    IGNORED_AUTO = "ignored_auto", _("Written by a machine")
    BOUNCE = "bounce", _("Delivery report")
    QUARANTINE = "quarantine", _("Not assigned")
    REJECTED = "rejected", _("Rejected")


class IncomingMail(SingleRows):
    """One message, stored before anybody looks into it. Belongs to nobody until it is filed; only staff reads it.

    `key` names the raw message in the private store (compressed); empty once its retention is over.
    """

    received_at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=Way.choices)
    #: Which mailbox or listener; no secret in it.
    source = models.CharField(max_length=200, blank=True)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = ArrayField(models.CharField(max_length=320), default=list, blank=True)
    key = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(help_text="bytes of the raw message")
    sha256 = models.CharField(max_length=64)
    #: The same for every delivery of one message, whatever trace headers the servers on the way have added.
    fingerprint = models.CharField(max_length=64, unique=True)

    #: Its Message-ID; one that is too long stands as its hash (`parsing.headers`).
    mail_id = models.CharField(max_length=250, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    #: The beginning of the visible text, for lists and search.
    preview = models.CharField(max_length=400, blank=True)
    #: How many files hang on it.
    files = models.PositiveSmallIntegerField(default=0)
    #: What the trusted receiving server found: {"server", "spf", "dkim", "dmarc"}; empty = it said nothing.
    authentication = models.JSONField(default=dict, blank=True)

    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")
    #: The mail of ours that could not be delivered (delivery reports).
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="+")
    #: What was answered when it was rejected by hand, and when that was handed to the mail server.
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=250, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    #: Who has assigned, rejected or replayed it by hand.
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="mail_waiting", condition=Q(outcome="waiting")),
            models.Index(fields=["outcome", "-id"], name="mail_by_outcome"),
            models.Index(fields=["from_address", "received_at"], name="mail_by_sender"),
            models.Index(fields=["mail_id"], name="mail_by_mail_id", condition=~Q(mail_id="")),
            models.Index(fields=["received_at"], name="mail_to_forget", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class MailCopy(CustomerOwned):
    """What belongs to a message that came by mail, beside its visible text; erased with its person."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    message = OwnedForeignKey(Message, related_name="+")
    mail = models.ForeignKey(IncomingMail, models.PROTECT, null=True, blank=True, related_name="+")
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=160, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    #: What was trimmed from the visible text: quotes and signatures.
    rest = models.TextField(blank=True)
    #: Sanitised; remote pictures are switched off in it until somebody asks for them.
    html = models.TextField(blank=True)
    remote_images = models.PositiveSmallIntegerField(default=0)
    authentication = models.JSONField(default=dict, blank=True)
    #: Codes of what a reader should know: a part was encrypted, damaged, cut off …
    notes = models.JSONField(default=list, blank=True)

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="mail_copy_of_customer"),
            models.UniqueConstraint(fields=["customer", "message"], name="one_mail_copy_per_message"),
        ]
        indexes: ClassVar = [models.Index(fields=["ticket"], name="mail_copy_of_ticket")]

    def __str__(self) -> str:
        return f"mail copy {self.pk}"


class BlockedSender(models.Model):
    """An address or a whole domain whose mails are rejected unread; they are kept like all others."""

    #: `name@domain` or `@domain`, in small letters.
    pattern = models.CharField(max_length=320, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    blocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    blocked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"blocked sender {self.pk}"


class Mailbox(models.Model):
    """How far a mailbox from the settings has been fetched, and how that went; holds no secret."""

    #: `user@host/folder` as the settings name it.
    name = models.CharField(max_length=200, unique=True)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    #: What went wrong last: a code of `receiving.errors`, perhaps with a word behind a colon; empty = all is well.
    error = models.CharField(max_length=250, blank=True)
    #: UIDs at or below `last_uid` that could not be fetched; they are tried again.
    skipped_uids = ArrayField(models.BigIntegerField(), default=list, blank=True)

    def __str__(self) -> str:
        return self.name
