"""ImportRun and HouseExport: tables that came in, and the files of a full export."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    """What a table holds."""

    CUSTOMERS = "customers", _("Customers")
    CONTACTS = "contacts", _("Contacts")
    CONTRACTS = "contracts", _("Contracts")
    VERSIONS = "versions", _("Installed versions")


class ImportStage(models.TextChoices):
    """Where an import stands; only `checked` waits for a person."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    DONE = "done", _("Imported")
    DISCARDED = "discarded", _("Discarded")
    FAILED = "failed", _("Failed")


class ImportRun(models.Model):
    """One uploaded table: what the dry run said, and what was written."""

    kind = models.CharField(max_length=12, choices=ImportKind.choices)
    stage = models.CharField(max_length=12, choices=ImportStage.choices, default=ImportStage.CHECKING)
    file_name = models.CharField(max_length=200)
    file_key = models.CharField(max_length=120)
    file_hash = models.CharField(max_length=64)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    #: Rows that are written already: a worker that died goes on behind them.
    cursor = models.PositiveIntegerField(default=0)
    #: The file with every skipped row and why.
    report_key = models.CharField(max_length=120, blank=True)
    problem = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class HouseExport(models.Model):
    """A full export of the house as one archive of files."""

    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    file_key = models.CharField(max_length=120, blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"export {self.pk}"
