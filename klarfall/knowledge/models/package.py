"""ArticleImport: a package of articles that came in, what the dry run said of it, and what became of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.models.product import Product
from klarfall.knowledge.models.article import ArticleKind
from klarfall.knowledge.reach import Visibility


class PackageStage(models.TextChoices):
    """Where a package stands; only `checked` waits for a person."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    #: Somebody wants it to end; the worker puts away what was only begun.
    STOPPING = "stopping", _("Being stopped")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Imported")
    DISCARDED = "discarded", _("Discarded")
    FAILED = "failed", _("Failed")


class ArticleImport(models.Model):
    """One package, with what counts where its files say nothing."""

    stage = models.CharField(max_length=10, choices=PackageStage.choices, default=PackageStage.CHECKING)
    file_name = models.CharField(max_length=200)
    #: In the private store; empty as soon as nobody needs it any more.
    file_key = models.CharField(max_length=120, blank=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ArticleKind.choices)
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    language = models.CharField(max_length=2)
    #: Whether the articles come out at once; else they wait as drafts.
    publish = models.BooleanField(default=False)
    #: The worker does it; else who handed it in waited for it.
    in_background = models.BooleanField(default=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    #: Articles (in one language) of the package that can be imported.
    total = models.PositiveIntegerField(default=0)
    #: How many of them are settled: a worker that died goes on behind them.
    reached = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    #: The first articles as the dry run found them, and the first problems: what the page shows.
    articles = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    #: Why the package as a whole cannot be read.
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"package {self.pk}"
