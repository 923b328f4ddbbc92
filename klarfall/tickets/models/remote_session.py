"""RemoteSession: consent first, then the session; no remote time without it (INV-28)."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models import RemoteConsentText
from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.tickets.models.concern import Concern
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import Ticket


class ConsentWay(models.TextChoices):
    """How the customer agreed."""

    PORTAL = "portal", _("In the portal")
    PHONE = "phone", _("On the phone")
    EMAIL = "email", _("By e-mail")


class RemoteStatus(models.TextChoices):
    """Where a session stands; the ways between are `tickets/workflow.py`."""

    INVITED = "invited", _("Waits for consent")
    AGREED = "agreed", _("Consented")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


#: A session in one of these states may still become remote time.
OPEN = (RemoteStatus.INVITED, RemoteStatus.AGREED, RemoteStatus.RUNNING)
_WITH_CONSENT = ["agreed", "running", "ended"]
_OVER = ["ended", "declined", "cancelled"]

_CONSENT = "consent_by_id, {0}.consent_at, {0}.consent_way, {0}.text_hash, {0}.purpose"

# Whoever agreed in the portal did so themselves: nobody agrees for somebody else.
_AGREED_THEMSELVES = """
    IF NEW.consent_way = 'portal' AND (TG_OP = 'INSERT' OR OLD.consent_at IS NULL) AND NOT EXISTS (
        SELECT FROM customers_contact WHERE id = NEW.consent_by_id AND customer_id = NEW.customer_id
           AND user_id::text = current_setting('klarfall.actor', true)) THEN
        RAISE EXCEPTION 'nobody agrees for somebody else' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


class RemoteSession(CustomerOwned):
    """A look at somebody's screen: who asked whom, what for, who agreed to which words, from when to when.

    `ended_at` is the instant after which nothing may happen any more, also of one declined or cancelled.
    """

    ticket = OwnedForeignKey(Ticket, related_name="remote_sessions")
    #: What it is about; empty where the consent was recorded for the whole request.
    concern = OwnedForeignKey(Concern, null=True, blank=True, related_name="+")
    #: Who is asked; whoever of the customer sees the request may agree for themselves.
    contact = OwnedForeignKey("customers.Contact", related_name="+")
    purpose = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=RemoteStatus.choices, default=RemoteStatus.INVITED)
    #: What opens the tool, and what is typed there or read aloud; checked by `contracts/remote_links.py`.
    link = models.CharField(max_length=600, blank=True)
    code = models.CharField(max_length=60, blank=True)
    #: The words that were shown or read aloud; none for consents of earlier versions of Klarfall.
    consent_text = models.ForeignKey(RemoteConsentText, models.PROTECT, null=True, blank=True, related_name="+")
    text_language = models.CharField(max_length=2, blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    consent_by = OwnedForeignKey("customers.Contact", null=True, blank=True, related_name="+")
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_way = models.CharField(max_length=8, choices=ConsentWay.choices, blank=True)
    #: Name, address and browser of whoever agreed in the portal.
    evidence = OwnedForeignKey(SealedText, null=True, blank=True, related_name="+")
    #: Why it goes ahead although the customer has no data-processing agreement on file.
    dpa_reason = models.CharField(max_length=240, blank=True)
    #: Who invited, or recorded what was said.
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    #: The last sign that somebody still works in it.
    alive_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=240, blank=True)

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="remote_session_of_customer"),
            models.CheckConstraint(
                condition=Q(consent_by__isnull=True, consent_at__isnull=True, consent_way="")
                | Q(consent_by__isnull=False, consent_at__isnull=False) & ~Q(consent_way=""),
                name="consent_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_WITH_CONSENT) | Q(consent_at__isnull=False), name="session_has_consent"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["invited", "declined"]) | Q(consent_at__isnull=True),
                name="no_consent_before_answer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["running", "ended"], started_at__isnull=False)
                | ~Q(status__in=["running", "ended"]) & Q(started_at__isnull=True),
                name="session_has_begun",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_OVER, ended_at__isnull=False) | ~Q(status__in=_OVER) & Q(ended_at__isnull=True),
                name="session_is_over",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True)
                | Q(started_at__gte=F("consent_at")) & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))),
                name="session_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ticket"], name="remote_session_of_ticket"),
            models.Index(fields=["started_at"], condition=Q(status="running"), name="remote_session_running"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="session_stays", fields=["ticket", "contact", "recorded_by", "created_at"]),
            pgtrigger.Protect(
                name="consent_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.consent_at IS NOT NULL AND (OLD.{_CONSENT.format('OLD')})"
                    f" IS DISTINCT FROM (NEW.{_CONSENT.format('NEW')})"
                ),
            ),
            pgtrigger.Protect(
                name="end_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.ended_at IS NOT NULL AND (OLD.ended_at, OLD.started_at, OLD.ended_by_id)"
                    " IS DISTINCT FROM (NEW.ended_at, NEW.started_at, NEW.ended_by_id)"
                ),
            ),
            pgtrigger.Trigger(
                name="agreed_themselves",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("consent_at", "consent_by_id", "consent_way"),
                when=pgtrigger.Before,
                func=_AGREED_THEMSELVES,
            ),
            pgtrigger.Protect(name="session_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"remote session {self.pk}"

    @property
    def is_open(self) -> bool:
        """May it still begin or go on?"""
        return self.status in OPEN


class RemoteParticipant(CustomerOwned):
    """Somebody who is there: a contact, one of us, or a person who is only named."""

    ticket = OwnedForeignKey(Ticket, related_name="+")
    session = OwnedForeignKey(RemoteSession, related_name="participants")
    contact = OwnedForeignKey("customers.Contact", null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    #: The name of somebody without an account.
    named = OwnedForeignKey(SealedText, null=True, blank=True, related_name="+")
    joined_at = models.DateTimeField()

    class Meta(CustomerOwned.Meta):
        ordering: ClassVar = ["joined_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "id"], name="remote_participant_of_customer"),
            models.UniqueConstraint(fields=["session", "contact"], name="contact_once_per_session"),
            models.UniqueConstraint(fields=["session", "user"], name="colleague_once_per_session"),
            models.CheckConstraint(
                condition=Q(contact__isnull=False, user__isnull=True, named__isnull=True)
                | Q(contact__isnull=True, user__isnull=False, named__isnull=True)
                | Q(contact__isnull=True, user__isnull=True, named__isnull=False),
                name="participant_is_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"participant {self.pk}"
