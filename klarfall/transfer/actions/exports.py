"""Have the whole house exported, hand the archive out, and remove it when its days are over."""

from datetime import datetime, timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue, is_pending
from klarfall.transfer.models import HouseExport

WRITE = "transfer.export_house"
KEPT = timedelta(days=7)


class ExportRefused(Refused):
    """No export now, or its file is not there."""

    code = "export_refused"


@action
def start_export(*, actor: User, now: datetime) -> HouseExport:
    """Have the whole house written into an archive; one at a time. Raises ExportRefused."""
    permissions.require("data.export", actor)
    for other in HouseExport.objects.select_for_update().filter(finished_at__isnull=True):
        if is_pending(WRITE, export_id=other.pk):
            raise ExportRefused(_("An export is being written already."))
    export = HouseExport.objects.create(started_by=actor, created_at=now)
    audit.record("house_export.started", export, actor=actor, now=now)
    enqueue(WRITE, export_id=export.pk)
    return export


@action
def finish_export(
    export: HouseExport, *, key: str, sha256: str, size: int, problem: str, actor: User, now: datetime
) -> HouseExport:
    """The archive is in the store."""
    permissions.require("data.export", actor)
    export = HouseExport.objects.select_for_update().get(pk=export.pk)
    export.file_key, export.file_hash, export.size, export.problem = key, sha256, size, problem
    export.finished_at = now
    export.save()
    data = {"sha256": sha256, "size": size}
    audit.record("house_export.finished", export, actor=actor, now=now, data=data)
    return export


@action
def hand_out(export: HouseExport, *, actor: User, now: datetime) -> HouseExport:
    """Write down that somebody takes the archive; returns it as it is now. Raises ExportRefused where it is gone."""
    permissions.require("data.export", actor)
    export = HouseExport.objects.get(pk=export.pk)
    if not export.file_key or export.created_at <= now - KEPT:
        raise ExportRefused(_("This export was removed after 7 days. Please begin a new one."))
    audit.record("house_export.downloaded", export, actor=actor, now=now, data={"sha256": export.file_hash})
    return export


@action
def list_taken(name: str, *, actor: User, now: datetime) -> None:
    """Write down that somebody took a list of customers, contacts, contracts or versions."""
    permissions.require("data.export", actor)
    audit.record("list.downloaded", actor, actor=actor, now=now, data={"list": name})


@action
def remove_old(*, actor: User, now: datetime) -> int:
    """Remove archives whose days are over; returns how many. The list of exports stays."""
    permissions.require("data.export", actor)
    found = list(HouseExport.objects.filter(created_at__lte=now - KEPT).exclude(file_key=""))
    for export in found:
        transaction.on_commit(partial(default_storage.delete, export.file_key))
        HouseExport.objects.filter(pk=export.pk).update(file_key="")
    return len(found)
