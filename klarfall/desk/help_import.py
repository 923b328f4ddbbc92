"""The pages of packages of articles: the runs, and how far the worker is with one of them."""

from datetime import datetime

from django.db.models import QuerySet

from klarfall.core.jobs import is_pending
from klarfall.desk.imports import Working, told
from klarfall.knowledge.actions import packages
from klarfall.knowledge.importing.carrying import progress_key
from klarfall.knowledge.models import ArticleImport, PackageStage

#: Packages that the page of the form names.
LATEST = 5
_BUSY = {PackageStage.CHECKING, PackageStage.IMPORTING, PackageStage.STOPPING}


def runs() -> QuerySet[ArticleImport]:
    """All packages with the people who handed them in, newest first."""
    return ArticleImport.objects.select_related("started_by", "product").order_by("-pk")


def working(run: ArticleImport, now: datetime) -> Working | None:
    """How far the worker is with the package; None while a person decides, and at the end."""
    if run.stage not in _BUSY:
        return None
    stage = f"articles_{run.stage}"
    if not is_pending(packages.CHECK, packages.WRITE, run_id=run.pk):
        return Working(stage, failed=True)
    if run.stage == PackageStage.CHECKING or not run.reached:
        return Working(stage, total=run.total)
    return told(stage, progress_key(run), now)
