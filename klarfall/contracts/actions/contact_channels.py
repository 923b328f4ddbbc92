"""Change the ways of contact of a product: the portal first (R5), and what is switched off is gone at once (R11)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.channels import forget
from klarfall.contracts.models import ContactChannel, Product
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import audit, changes, master_rows
from klarfall.core.action import Refused, action

_PHONE = re.compile(r"\+?[0-9][0-9 /().-]*[0-9]")
_LEAST_DIGITS, _MOST_DIGITS = 3, 20
_MOST_NOTE = 200


class ChannelRefused(Refused):
    """A way of contact that cannot be so; `field` names what is wrong."""

    code = "channel_refused"


@dataclass(frozen=True, kw_only=True)
class ChannelData:
    """A way of contact. `value` is a phone number or an e-mail address; portal and remote session have none."""

    kind: str
    value: str = ""
    #: Only a phone number can be.
    toll_free: bool = False
    note: str = ""
    active: bool = True


@action
def add_channel(product: Product, *, data: ChannelData, actor: Any, now: datetime) -> ContactChannel:
    """Add a way of contact at the end, the portal in front. Raises ChannelRefused or UnusableLine (with `field`)."""
    product = _locked(product, actor)
    channel = ContactChannel(product=product, order=product.channels.count() + 1, **_checked(product, data))
    channel.save()
    forget()
    _number(list(product.channels.order_by("order", "pk")))
    data_of = {"product": product.pk, "kind": channel.kind, "active": channel.active}
    audit.record("channel.added", channel, actor=actor, now=now, data=data_of)
    return channel


@action
def change_channel(channel: ContactChannel, *, data: ChannelData, actor: Any, now: datetime) -> ContactChannel:
    """Change a way of contact or switch it off; its kind stays. Raises ChannelRefused or UnusableLine."""
    product = _locked(channel.product, actor)
    channel = ContactChannel.objects.select_for_update().get(pk=channel.pk)
    if data.kind != channel.kind:
        raise ChannelRefused(_("The kind stays. Please add another way of contact."), field="kind")
    changed = changes.change(channel, _checked(product, data, channel))
    if changed:
        forget()
        data_of = {"product": product.pk, "kind": channel.kind, "fields": changed, "active": channel.active}
        audit.record("channel.changed", channel, actor=actor, now=now, data=data_of)
    return channel


@action
def move_channel(channel: ContactChannel, *, up: bool, actor: Any, now: datetime) -> None:
    """Let a way of contact change places with the one before or after it; nothing comes before the portal."""
    product = _locked(channel.product, actor)
    rows = list(product.channels.select_for_update().order_by("order", "pk"))
    ordered = master_rows.neighbour(rows, channel, up=up)
    _number(ordered)
    audit.record("channel.moved", channel, actor=actor, now=now, data={"product": product.pk, "up": up})


@action
def remove_channel(channel: ContactChannel, *, actor: Any, now: datetime) -> None:
    """Delete a way of contact; nothing refers to it. Raises ChannelRefused for the portal."""
    product = _locked(channel.product, actor)
    channel = ContactChannel.objects.select_for_update().get(pk=channel.pk)
    if channel.kind == ChannelKind.PORTAL:
        raise ChannelRefused(_("The portal is always there: it stays."))
    audit.record("channel.removed", channel, actor=actor, now=now, data={"product": product.pk, "kind": channel.kind})
    channel.delete()
    forget()


def _locked(product: Product, actor: Any) -> Product:
    permissions.require("house.set_up", actor)
    return Product.objects.select_for_update().get(pk=product.pk)


def _number(rows: list[ContactChannel]) -> None:
    """The portal stands first, whatever was moved (R5)."""
    master_rows.number_rows(sorted(rows, key=lambda one: one.kind != ChannelKind.PORTAL))


def _checked(product: Product, data: ChannelData, channel: ContactChannel | None = None) -> dict[str, Any]:
    if data.kind not in ChannelKind.values:
        raise ChannelRefused(_("Please choose a way of contact."), field="kind")
    if data.kind == ChannelKind.PORTAL and not data.active:
        raise ChannelRefused(_("The portal is always there: it cannot be switched off."), field="active")
    value = _value(data)
    if product.channels.filter(kind=data.kind, value=value).exclude(pk=channel.pk if channel else 0).exists():
        field = "value" if value else "kind"
        raise ChannelRefused(_("This product has such a way of contact already."), field=field)
    if data.toll_free and data.kind != ChannelKind.PHONE:
        raise ChannelRefused(_("Only a phone number can be toll-free."), field="toll_free")
    note = master_rows.line(data.note, field="note", most=_MOST_NOTE, needed=False)
    values = {"kind": data.kind, "value": value, "toll_free": data.toll_free, "note": note, "active": data.active}
    return values


def _value(data: ChannelData) -> str:
    """The number or address as it is shown; it must lead somewhere as `tel:` or `mailto:`."""
    if data.kind not in (ChannelKind.PHONE, ChannelKind.EMAIL):
        if data.value.strip():
            raise ChannelRefused(_("Only phone and e-mail have a number or an address."), field="value")
        return ""
    value = master_rows.line(data.value, field="value", most=_MOST_NOTE)
    if data.kind == ChannelKind.PHONE:
        return _phone(value)
    try:
        validate_email(value)
    except ValidationError:
        raise ChannelRefused(_("This is no e-mail address."), field="value") from None
    return value


def _phone(value: str) -> str:
    if "(0)" in value.replace(" ", ""):
        raise ChannelRefused(
            _("Please leave out the (0): nobody who dials the number would be put through."), field="value"
        )
    digits = sum(sign.isdecimal() for sign in value)
    if not _PHONE.fullmatch(value) or not _LEAST_DIGITS <= digits <= _MOST_DIGITS:
        text = _("This is no phone number: digits, spaces and / - ( ) are possible, a + in front.")
        raise ChannelRefused(text, field="value")
    return value
