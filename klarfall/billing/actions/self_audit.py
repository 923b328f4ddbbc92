"""Have the self-audit run now instead of at night."""

from datetime import datetime
from typing import Any

from klarfall.accounts import permissions
from klarfall.billing.self_audit.audit import JOB
from klarfall.core.action import action
from klarfall.core.jobs import enqueue

__all__ = ["run_now"]


@action
def run_now(*, actor: Any, now: datetime) -> bool:
    """Enqueue the self-audit; False if it waits already. Its result is the next row of `SelfAudit`."""
    permissions.require("audit.view", actor)
    return enqueue(JOB, key=JOB)
