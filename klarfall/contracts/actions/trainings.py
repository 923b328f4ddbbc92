"""Write down which trainings a contact has had; they inform, they never decide (R16)."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product, TrainingRecord
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.master_rows import line
from klarfall.customers.models import Contact

_MOST_TOPIC = 120  # signs, as the column holds them


class TrainingRefused(Refused):
    """The training does not fit; `field` names what is wrong."""

    code = "training_refused"


@action
def record_training(
    contact: Contact, *, product: Product, topic: str, on: date, actor: Any, now: datetime
) -> TrainingRecord:
    """Write a training down; the same one is written down once. Raises TrainingRefused (with `field`)."""
    permissions.require("customer.change", actor)
    topic = line(topic, field="topic", most=_MOST_TOPIC)
    if on > local_day(now):
        raise TrainingRefused(_("This day lies in the future."), field="on")
    values = {"customer_id": contact.customer_id, "contact": contact, "product": product, "topic": topic, "on": on}
    known: TrainingRecord | None = TrainingRecord.objects.filter(**values).first()
    if known is not None:
        return known
    training = TrainingRecord.objects.create(**values)
    what = {"contact": contact.pk, "product": product.pk, "on": on.isoformat()}
    audit.record("training.recorded", training, actor=actor, now=now, data=what)
    return training


@action
def remove_training(training: TrainingRecord, *, actor: Any, now: datetime) -> None:
    """Remove a training that was written down by mistake."""
    permissions.require("customer.change", actor)
    training = TrainingRecord.objects.select_for_update(of=("self",)).get(pk=training.pk)
    pk, what = training.pk, {"contact": training.contact_id, "product": training.product_id}
    training.delete()
    training.pk = pk
    audit.record("training.removed", training, actor=actor, now=now, data=what)
