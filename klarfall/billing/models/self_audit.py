"""SelfAudit: what the nightly proof over the live data found."""

from typing import ClassVar

import pgtrigger
from django.db import models


class SelfAudit(models.Model):
    """One run of the self-audit; append-only.

    `checks` is one entry per invariant: {"invariant": "INV-4", "checked": 1200, "findings": ["offer 17", …]}.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    is_clean = models.BooleanField()
    checks = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="self_audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"self-audit {self.pk}"
