"""The vendor's profile and the audit trail of master data."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core import words


class VendorProfile(models.Model):
    """The one vendor of this installation: names, words and rules that the vendor may change.

    The words are the vendor's own terms; they win over the defaults of the glossary.
    """

    name = models.CharField(max_length=120)
    legal_name = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    #: The vendor's own interface terms where they differ from the defaults (`core/words.py`).
    words = models.JSONField(default=dict, blank=True)
    #: The logo's key in the private store, with its media type; served by a view. Empty = our own sign.
    logo_key = models.CharField(max_length=120, blank=True)
    logo_type = models.CharField(max_length=20, blank=True)
    #: The colour of main buttons and links as `#rrggbb`; empty = ink.
    accent = models.CharField(max_length=7, blank=True)
    number_prefix = models.CharField(max_length=6, default="KF")
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    mail_from = models.EmailField(blank=True)
    vat_percent = models.DecimalField(max_digits=4, decimal_places=2, default=19)
    currency = models.CharField(max_length=3, default="EUR")
    #: How many days a cost offer stays open unless the specialist says otherwise.
    offer_valid_days = models.PositiveSmallIntegerField(default=14)
    legal_notice = models.TextField(blank=True, help_text=_("The fixed text for legal and tax questions (R55)."))
    imprint_url = models.URLField(blank=True)
    privacy_url = models.URLField(blank=True)
    accessibility_url = models.URLField(blank=True)
    #: The statements themselves, for vendors who have no page of their own for them.
    imprint_text = models.TextField(blank=True)
    privacy_text = models.TextField(blank=True)
    accessibility_text = models.TextField(blank=True)
    #: Contact, catalogue and FAQ can be read without signing in.
    public_pages = models.BooleanField(default=True)
    #: Where wishes for consultants and trainings go; empty = nobody is mailed, the desk's list stands.
    consulting_email = models.EmailField(blank=True)
    #: No remote session without a data-processing agreement; otherwise a reason suffices.
    remote_needs_agreement = models.BooleanField(default=False)
    #: When the wizard was finished; until then the desk leads the administrator back to it.
    set_up_at = models.DateTimeField(null=True, blank=True)
    #: As a seller on invoices (EN 16931); missing ones are named before a run makes invoices.
    street = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="DE")
    vat_id = models.CharField(max_length=20, blank=True)
    tax_number = models.CharField(max_length=30, blank=True)
    billing_contact = models.CharField(max_length=120, blank=True)
    billing_phone = models.CharField(max_length=40, blank=True)
    billing_email = models.EmailField(blank=True)
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    #: Klarfall writes invoices itself; off where the vendor's accounting does (export).
    writes_invoices = models.BooleanField(default=False)
    invoice_prefix = models.CharField(max_length=12, default="RE-", blank=True)
    payment_days = models.PositiveSmallIntegerField(default=14)
    #: Up to which net amount per concern specialists grant goodwill by themselves; leads are free (section 7).
    goodwill_limit = models.DecimalField(max_digits=8, decimal_places=2, default=100)
    #: Rates and hours are examples (shown as *Beispielwert*); true for the demo only.
    sample_values = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_vendor_profile"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def portal_name(self) -> str:
        """What the customers' site is called, in the reader's language."""
        return words.name("portal", self)

    @property
    def helpdesk_name(self) -> str:
        """What the site's library of help is called."""
        return words.name("helpdesk", self)

    @property
    def support_name(self) -> str:
        """What the support team is called."""
        return words.name("support", self)

    @property
    def consulting_name(self) -> str:
        """What the consultants' team is called."""
        return words.name("consulting", self)


class MasterStamp(models.Model):
    """Changes with every change of the vendor's own data: what was read under another stamp is read anew."""

    version = models.UUIDField()

    def __str__(self) -> str:
        return str(self.version)


class AuditEntry(models.Model):
    """Who changed which master data, chained so that later changes are noticed."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id"], name="audit_of_subject")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class Progress(models.Model):
    """How far a long piece of work is; written outside its transaction, so that pages see it (`core/progress.py`)."""

    key = models.CharField(max_length=60, unique=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.done} of {self.total}"

    @property
    def percent(self) -> int:
        """0 to 100; 0 while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else 0
