"""Removes files of imports and exports that no row names: what dead workers and rolled-back requests left behind."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db.models import Model

from klarfall.core.isolation import system_rows
from klarfall.transfer.actions.imports import FOLDER as IMPORTS
from klarfall.transfer.exports.running import FOLDER as EXPORTS
from klarfall.transfer.models import HouseExport, ImportRun

#: Younger files stay: their row may not be committed yet.
_YOUNG = timedelta(days=1)


def remove(now: datetime) -> int:
    """Delete such files of both folders; returns how many. Runs as SYSTEM."""
    return _remove(IMPORTS, ImportRun, now) + _remove(EXPORTS, HouseExport, now)


def _remove(folder: str, model: type[Model], now: datetime) -> int:
    try:
        keys = {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    except FileNotFoundError:
        return 0
    keys -= set(system_rows(model).filter(file_key__in=keys).values_list("file_key", flat=True))
    old = [key for key in keys if default_storage.get_modified_time(key) < now - _YOUNG]
    for key in old:
        default_storage.delete(key)
    return len(old)
