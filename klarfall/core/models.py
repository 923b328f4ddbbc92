"""The vendor's profile and the audit trail of master data."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class VendorProfile(models.Model):
    """The one vendor of this installation: names, words and rules that the vendor may change.

    The words are the vendor's own terms; they win over the defaults of the glossary.
    """

    name = models.CharField(max_length=120)
    legal_name = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    portal_name = models.CharField(max_length=60, default="Serviceportal")
    helpdesk_name = models.CharField(max_length=60, default="Helpdesk-Center")
    support_name = models.CharField(max_length=60, default="Produktsupport")
    consulting_name = models.CharField(max_length=60, default="Beratung")
    request_word = models.CharField(max_length=40, default="Anfrage")
    requests_word = models.CharField(max_length=40, default="Anfragen")
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
    #: Rates and hours are examples (shown as *Beispielwert*); true for the demo only.
    sample_values = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_vendor_profile"),
        ]

    def __str__(self) -> str:
        return self.name


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
        triggers: ClassVar = [
            pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"
