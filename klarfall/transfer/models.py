"""Tables that came in, with what was wrong in them and whom they brought, and the files of a full export."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey


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
    #: Headings of the table that mean nothing to us; shown, so that a typing error does not pass unnoticed.
    unknown_columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    problem = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ImportProblem(models.Model):
    """A row that is skipped, and why; written with the rows around it, so that a dead worker leaves no half of it."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    #: As the spreadsheet program counts, from 1; the heading counts, too.
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["run", "line"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "line"], name="one_problem_per_line")]

    def __str__(self) -> str:
        return f"line {self.line}"


class ImportedContact(CustomerOwned):
    """A contact that came by an import: whom its button invites."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="contacts")
    contact = OwnedForeignKey("customers.Contact", related_name="+")

    portal_sight = ""

    class Meta(CustomerOwned.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["contact"], name="contact_came_once")]
        indexes: ClassVar = [models.Index(fields=["customer", "contact"], name="imported_contact_of_customer")]

    def __str__(self) -> str:
        return f"imported contact {self.contact_id}"


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
