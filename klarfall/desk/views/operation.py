"""Operation: what the doctor sees from here, failed jobs, mailboxes, last backups."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall import __version__
from klarfall.core.action import Refused
from klarfall.core.jobs import FailedJob, failed_jobs
from klarfall.desk.access import needs
from klarfall.desk.shell import scope_of, shell
from klarfall.incoming.models import Mailbox
from klarfall.incoming.receiving.errors import sentence
from klarfall.operations import doctor
from klarfall.operations.actions import run_job_again
from klarfall.operations.models import Backup, JobFailure
from klarfall.ui.rendering import SeeOther, page

_BACKUPS = 7
_HERE = "operation"


@needs("house.set_up")
def operation(request: HttpRequest) -> HttpResponse:
    """The findings that this process can know, what failed, and the archives."""
    scope = scope_of(request)
    return page(
        request,
        "desk/operation.html",
        **shell(scope, _HERE),
        examined=doctor.examine(scope.now, quick=True),
        jobs=_with_reasons(failed_jobs()),
        mailboxes=_mailboxes(),
        backups=list(Backup.objects.order_by("-finished_at")[:_BACKUPS]),
        version=__version__,
    )


def _mailboxes() -> list[dict[str, Any]]:
    """Those that the settings name, in their order, with what was seen there last."""
    names = [one.name for one in settings.MAIL_IN]
    rows = {row.name: row for row in Mailbox.objects.filter(name__in=names)}
    return [
        {"name": name, "row": (row := rows.get(name)), "error": sentence(row.error) if row else ""} for name in names
    ]


def _with_reasons(jobs: list[FailedJob]) -> list[dict[str, Any]]:
    reasons = dict(JobFailure.objects.filter(job_id__in=[one.id for one in jobs]).values_list("job_id", "reason"))
    return [{"job": one, "reason": reasons.get(one.id, "")} for one in jobs]


@needs("house.set_up")
@require_POST
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a failed job again."""
    found = next((one for one in failed_jobs() if one.id == pk), None)
    if found is None:
        raise Http404
    try:
        run_job_again(found, actor=request.user, now=timezone.now())
        messages.success(request, _("It runs again."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:operation"))
