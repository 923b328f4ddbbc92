"""Keep why a job failed: the queue itself remembers only that it did."""

import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

_log = logging.getLogger(__name__)
_KEPT = timedelta(days=90)  # as long as the queue keeps failed jobs
_LONGEST = 250


def remember(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Around every job of a worker: an error is kept, then goes on its way."""
    try:
        return call_next()
    except Exception as problem:
        keep(context.job.id, problem)
        raise


def keep(job_id: int, problem: BaseException) -> None:
    """Keep why the job failed; where that is not possible either, the log has it."""
    from klarfall.core.isolation import SYSTEM, viewing_as  # settings name this module, before there are models
    from klarfall.operations.models import JobFailure

    now = timezone.now()
    try:
        with viewing_as(SYSTEM):
            JobFailure.objects.filter(at__lt=now - _KEPT).delete()
            JobFailure.objects.update_or_create(job_id=job_id, defaults={"at": now, "reason": reason_of(problem)})
    except Exception:
        _log.exception("why job %s failed could not be kept", job_id)


def reason_of(problem: BaseException) -> str:
    """Kind, code and place of an error; its words may contain what people typed."""
    code = getattr(problem, "sqlstate", None) or getattr(problem.__cause__, "sqlstate", None)
    root = str(settings.BASE_DIR)
    frames = [one for one in traceback.extract_tb(problem.__traceback__) if "site-packages" not in one.filename]
    place = f", {frames[-1].filename.removeprefix(root).lstrip('/')}:{frames[-1].lineno}" if frames else ""
    return f"{type(problem).__name__}{f' ({code})' if code else ''}{place}"[:_LONGEST]
