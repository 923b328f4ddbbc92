"""Goodwill and service records in the demo's stories."""

from typing import Any

from klarfall.billing.actions import goodwill, service_records
from klarfall.billing.models import ServiceRecord
from klarfall.demo.acts.speech import done
from klarfall.demo.scene import Scene
from klarfall.demo.script import Act


def grant(minutes: int, reason: str, *, concern: int = 1) -> Act:
    """Leave minutes out of the bill."""

    def act(scene: Scene, actor: Any) -> None:
        words = scene.words(reason)
        goodwill.grant_goodwill(scene.concern(concern), minutes=minutes, reason=words, actor=actor, now=scene.now)

    return act


def issue_record() -> Act:
    """Issue the service record of the request."""
    return lambda scene, actor: done(service_records.issue_record(scene.request, actor=actor, now=scene.now))


def confirm_record() -> Act:
    """Confirm the latest service record."""

    def act(scene: Scene, actor: Any) -> None:
        record = ServiceRecord.objects.filter(ticket=scene.request).latest("revision")
        service_records.confirm_record(record, actor=actor, now=scene.now)

    return act
