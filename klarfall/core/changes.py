"""Save what differs of a row: what every action that changes master data does."""

from collections.abc import Mapping
from typing import Any

from django.db import models


def change(row: models.Model, values: Mapping[str, Any]) -> list[str]:
    """Set the values that differ and save them; returns the names of these fields, sorted, for the trail."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
    return changed
