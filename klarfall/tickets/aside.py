"""Drafts that were put aside: for how long they can be brought back, and their end."""

from datetime import datetime, timedelta

from klarfall.tickets import files
from klarfall.tickets.models import RequestDraft, Upload

#: A draft that was put aside can be brought back for so long.
KEPT_ASIDE = timedelta(hours=1)


def forget_aside(now: datetime) -> int:
    """Delete what was put aside more than an hour ago, files included; returns how many. For the job, as SYSTEM."""
    old = list(RequestDraft.objects.select_for_update(of=("self",)).filter(discarded_at__lt=now - KEPT_ASIDE))
    for draft in old:
        delete_with_files(draft)
    return len(old)


def delete_with_files(draft: RequestDraft) -> None:
    """Delete a draft and the files that wait with it; for actions and jobs."""
    for upload in Upload.objects.filter(draft=draft):
        files.forget(upload.key)
    draft.delete()
