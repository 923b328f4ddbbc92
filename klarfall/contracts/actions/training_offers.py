"""Trainings on offer. One that is not held any more is switched off: wishes keep their training."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product, TrainingOffer
from klarfall.core import audit, changes, master_rows
from klarfall.core.action import Refused, action

_MOST_TITLE, _MOST_TEXT, _MOST_PLACE = 120, 4_000, 120
_MOST_PRICE = Decimal(100_000)
_is_link = URLValidator(schemes=["http", "https"])


class TrainingRefused(Refused):
    """Something that no training can be; `field` names it."""

    code = "training_refused"


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a training is. Without `price` (net, per person) or day `on` it says *on request*."""

    title: str
    title_en: str = ""
    description: str = ""
    description_en: str = ""
    product: Product | None = None
    price: Decimal | None = None
    on: date | None = None
    place: str = ""
    link: str = ""
    active: bool = True


@action
def add_training(*, data: TrainingData, actor: Any, now: datetime) -> TrainingOffer:
    """Put a training on offer, as the last one. Raises TrainingRefused or UnusableLine (with `field`)."""
    permissions.require("house.set_up", actor)
    offer = TrainingOffer.objects.create(order=TrainingOffer.objects.count(), **_checked(data))
    audit.record("training.added", offer, actor=actor, now=now)
    return offer


@action
def change_training(offer: TrainingOffer, *, data: TrainingData, actor: Any, now: datetime) -> TrainingOffer:
    """Change a training or take it off the offer. Raises TrainingRefused or UnusableLine (with `field`)."""
    permissions.require("house.set_up", actor)
    offer = TrainingOffer.objects.select_for_update().get(pk=offer.pk)
    if changed := changes.change(offer, _checked(data)):
        audit.record("training.changed", offer, actor=actor, now=now, data={"fields": changed})
    return offer


def _checked(data: TrainingData) -> dict[str, Any]:
    """The columns to write."""
    values: dict[str, Any] = {one.name: getattr(data, one.name) for one in fields(data)}
    for name, needed in (("title", True), ("title_en", False)):
        values[name] = master_rows.line(values[name], field=name, most=_MOST_TITLE, needed=needed)
    values["place"] = master_rows.line(values["place"], field="place", most=_MOST_PLACE, needed=False)
    for name in ("description", "description_en"):
        values[name] = values[name].replace("\r\n", "\n").strip()
        if len(values[name]) > _MOST_TEXT or "\0" in values[name]:
            raise TrainingRefused(_("At most %(most)s characters are possible.") % {"most": _MOST_TEXT}, field=name)
    if data.price is not None and not 0 <= data.price < _MOST_PRICE:
        raise TrainingRefused(_("Please enter a price between 0 and 99,999.99."), field="price")
    values["link"] = data.link.strip()
    if values["link"]:
        _check_link(values["link"])
    return values


def _check_link(link: str) -> None:
    try:
        _is_link(link)
    except ValidationError:
        words = _("Please enter an address that begins with https:// or http://.")
        raise TrainingRefused(words, field="link") from None
