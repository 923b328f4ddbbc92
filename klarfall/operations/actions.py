"""Run a failed job again."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.accounts import permissions
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import FailedJob, run_again


class JobIsNotFailed(Refused):
    """Somebody was faster, or the queue has forgotten it."""

    code = "job_is_not_failed"


@action
def run_job_again(job: FailedJob, *, actor: Any, now: datetime) -> None:
    """Put a job whose attempts are used up back into the queue. Raises JobIsNotFailed."""
    permissions.require("house.set_up", actor)
    row = ProcrastinateJob.objects.filter(pk=job.id, status="failed").first()
    if row is None:
        raise JobIsNotFailed(_("This job is not among the failed ones any more."))
    run_again(job.id)
    audit.record("job.run_again", row, actor=actor, now=now, data={"job": job.name})
