"""Change products with their areas, versions and partner products. What something refers to stays: switched off."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.actions.contact_channels import (
    ChannelData,
    add_channel,
    change_channel,
    move_channel,
    remove_channel,
)
from klarfall.contracts.mail_senders import checked_sender, checked_signature
from klarfall.contracts.models import Area, ContactChannel, Product, ProductVersion
from klarfall.contracts.models.product import ChannelKind, MediaKind, ProductKind
from klarfall.contracts.remote_links import checked_link
from klarfall.core import audit, changes, master_rows
from klarfall.core.action import Refused, action
from klarfall.core.master_rows import StillReferred
from klarfall.service_levels.models import ServiceCalendar

__all__ = [
    "ChannelData",
    "ProductData",
    "ProductRefused",
    "VersionData",
    "add_area",
    "add_channel",
    "add_product",
    "add_version",
    "change_area",
    "change_channel",
    "change_product",
    "change_version",
    "move_area",
    "move_channel",
    "move_product",
    "remove_area",
    "remove_channel",
    "remove_product",
    "remove_version",
]

#: Stand in addresses where the code of a product stands.
_RESERVED = {"new"}
_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_MOST_CODE, _MOST_NAME, _MOST_AREA, _MOST_VERSION = 40, 120, 80, 40


class ProductRefused(Refused):
    """Something that cannot be so for a product; `field` names it."""

    code = "product_refused"


@dataclass(frozen=True, kw_only=True)
class ProductData:
    """What a product is. An empty `code` is made from the name; `linked` are the partner products connected to it."""

    name: str
    code: str = ""
    kind: str = ProductKind.ERP
    parent: Product | None = None
    linked: tuple[Product, ...] = ()
    media: tuple[str, ...] = ()
    #: May support visit on site? (R53)
    onsite_by_support: bool = False
    #: The usual service hours (R56); without them the first calendar counts.
    calendar: ServiceCalendar | None = None
    #: Where wishes for its consultants go; empty = the house's address for them.
    consulting_email: str = ""
    #: The sender of mails about its requests, empty = the house's; and the lines under them.
    mail_from: str = ""
    mail_signature: str = ""
    #: Opens the tool of a remote session; `{code}` stands for the session's code.
    remote_link: str = ""
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class VersionData:
    """A released version; `supported_until` is the last day of its support, None while no end is known."""

    name: str
    released_on: date
    supported_until: date | None = None


@action
def add_product(*, data: ProductData, actor: Any, now: datetime) -> Product:
    """Add a product at the end of the list; the portal is its first way of contact (R5).

    Raises NotAllowed, ProductRefused or UnusableLine (with `field`).
    """
    permissions.require("house.set_up", actor)
    product = Product(order=Product.objects.count() + 1)
    values = _checked(product, data)
    for name, value in values.items():
        setattr(product, name, value)
    master_rows.insert(product, ProductRefused(_("Another product has this name."), field="name"))
    product.linked.set(_partners(product, data))
    ContactChannel.objects.create(product=product, kind=ChannelKind.PORTAL, order=1)
    audit.record("product.added", product, actor=actor, now=now, data={"code": product.code})
    return product


@action
def change_product(product: Product, *, data: ProductData, actor: Any, now: datetime) -> Product:
    """Change a product; switched off, nobody can choose it any more, and what it has stays readable.

    Raises NotAllowed, ProductRefused or UnusableLine (with `field`).
    """
    product = _locked(product, actor)
    changed = changes.change(product, _checked(product, data))
    partners = {one.pk for one in _partners(product, data)}
    if partners != set(product.linked.values_list("pk", flat=True)):
        product.linked.set(partners)
        changed.append("linked")
    if changed:
        audit.record("product.changed", product, actor=actor, now=now, data={"fields": changed, "active": data.active})
    return product


@action
def move_product(product: Product, *, up: bool, actor: Any, now: datetime) -> None:
    """Let a product change places with the one before or after it; everybody sees products in this order."""
    product = _locked(product, actor)
    _move(product, list(Product.objects.select_for_update()), up=up, actor=actor, now=now)


@action
def remove_product(product: Product, *, actor: Any, now: datetime) -> None:
    """Delete a product to which nothing refers, with its areas, versions and channels. Raises StillReferred."""
    product = _locked(product, actor)
    rows: list[Any] = [product, *product.areas.select_for_update(), *product.versions.select_for_update()]
    for row in rows:
        _refuse_if_referred(row)
    _remove(product, actor, now)


@action
def add_area(product: Product, *, name: str, actor: Any, now: datetime) -> Area:
    """Add an area at the end of the product's areas. Raises ProductRefused or UnusableLine (field `name`)."""
    product = _locked(product, actor)
    area = Area(product=product, name=_area_name(product, name), order=product.areas.count() + 1)
    area.save()
    audit.record("area.added", area, actor=actor, now=now, data={"product": product.pk})
    return area


@action
def change_area(area: Area, *, name: str, active: bool, actor: Any, now: datetime) -> Area:
    """Rename an area or switch it off; requests keep it. Raises ProductRefused or UnusableLine (field `name`)."""
    product = _locked(area.product, actor)
    area = Area.objects.select_for_update().get(pk=area.pk)
    changed = changes.change(area, {"name": _area_name(product, name, area), "active": active})
    if changed:
        data = {"product": product.pk, "fields": changed, "active": active}
        audit.record("area.changed", area, actor=actor, now=now, data=data)
    return area


@action
def move_area(area: Area, *, up: bool, actor: Any, now: datetime) -> None:
    """Let an area change places with the one before or after it."""
    product = _locked(area.product, actor)
    _move(area, list(product.areas.select_for_update()), up=up, actor=actor, now=now)


@action
def remove_area(area: Area, *, actor: Any, now: datetime) -> None:
    """Delete an area that no request names. Raises StillReferred."""
    _locked(area.product, actor)
    area = Area.objects.select_for_update().get(pk=area.pk)
    _refuse_if_referred(area)
    _remove(area, actor, now)


@action
def add_version(product: Product, *, data: VersionData, actor: Any, now: datetime) -> ProductVersion:
    """Add a version. Raises ProductRefused or UnusableLine (with `field`)."""
    product = _locked(product, actor)
    version = ProductVersion(product=product, **_version_values(product, data))
    version.save()
    audit.record("version.added", version, actor=actor, now=now, data={"product": product.pk})
    return version


@action
def change_version(version: ProductVersion, *, data: VersionData, actor: Any, now: datetime) -> ProductVersion:
    """Change name or days of a version. Raises ProductRefused or UnusableLine (with `field`)."""
    product = _locked(version.product, actor)
    version = ProductVersion.objects.select_for_update().get(pk=version.pk)
    changed = changes.change(version, _version_values(product, data, version))
    if changed:
        data_of = {"product": product.pk, "fields": changed}
        audit.record("version.changed", version, actor=actor, now=now, data=data_of)
    return version


@action
def remove_version(version: ProductVersion, *, actor: Any, now: datetime) -> None:
    """Delete a version that nobody has installed and no request names. Raises StillReferred."""
    _locked(version.product, actor)
    version = ProductVersion.objects.select_for_update().get(pk=version.pk)
    _refuse_if_referred(version)
    _remove(version, actor, now)


def _locked(product: Product, actor: Any) -> Product:
    """The product as it is now, for somebody who may change it; whatever belongs to it changes under this lock."""
    permissions.require("house.set_up", actor)
    return Product.objects.select_for_update().get(pk=product.pk)


def _checked(product: Product, data: ProductData) -> dict[str, Any]:
    name = master_rows.line(data.name, field="name", most=_MOST_NAME)
    code = data.code.strip().lower() or product.code or _code_of(name)
    if len(code) > _MOST_CODE or not _CODE.fullmatch(code):
        raise ProductRefused(_("Small letters, digits and hyphens are possible, at most 40 of them."), field="code")
    others = Product.objects.exclude(pk=product.pk)
    if code in _RESERVED or others.filter(code=code).exists():
        raise ProductRefused(_("Another product has this code."), field="code")
    if others.filter(name__iexact=name).exists():
        raise ProductRefused(_("Another product has this name."), field="name")
    if data.kind not in ProductKind.values:
        raise ProductRefused(_("Please choose a kind of product."), field="kind")
    if unknown := set(data.media) - set(MediaKind.values):
        raise ProductRefused(_("Unknown: %(names)s") % {"names": ", ".join(sorted(unknown))}, field="media")
    values = {"name": name, "code": code, "kind": data.kind, "active": data.active}
    values["media"] = [kind for kind in MediaKind.values if kind in data.media]
    values |= {"parent": _parent(product, data), "onsite_by_support": data.onsite_by_support}
    values["remote_link"] = checked_link(data.remote_link, field="remote_link", template=True)
    values |= {"mail_from": checked_sender(data.mail_from), "mail_signature": checked_signature(data.mail_signature)}
    return values | {"calendar": data.calendar, "consulting_email": _mail_address(data.consulting_email)}


def _mail_address(address: str) -> str:
    """A mail address or nothing. Raises ProductRefused."""
    clean = address.strip()
    try:
        if clean:
            validate_email(clean)
    except ValidationError:
        raise ProductRefused(_("This is no e-mail address."), field="consulting_email") from None
    return clean


def _code_of(name: str) -> str:
    """A code that nobody has yet, made from the name."""
    base = slugify(name)[: _MOST_CODE - 4].strip("-_") or "product"
    taken = {*_RESERVED, *Product.objects.filter(code__startswith=base).values_list("code", flat=True)}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(code for code in numbered if code not in taken)


def _parent(product: Product, data: ProductData) -> Product | None:
    """The product that a module belongs to: a contract for it maintains the module, too. One level only."""
    if data.kind != ProductKind.MODULE:
        if product.pk and product.modules.exists() and data.kind == ProductKind.PARTNER:
            raise ProductRefused(_("Modules belong to this product: it cannot be a partner product."), field="kind")
        return None
    if product.pk and product.modules.exists():
        raise ProductRefused(_("Modules belong to this product: it cannot be a module itself."), field="kind")
    if data.parent is None or data.parent.pk == product.pk or data.parent.kind != ProductKind.ERP:
        raise ProductRefused(_("A module belongs to an ERP system: please choose it."), field="parent")
    return data.parent


def _partners(product: Product, data: ProductData) -> tuple[Product, ...]:
    """Partner products are connected to a product; they have none themselves (R30)."""
    if data.linked and data.kind == ProductKind.PARTNER:
        raise ProductRefused(_("Partner products are connected to an ERP system or a module."), field="linked")
    if any(one.kind != ProductKind.PARTNER or one.pk == product.pk for one in data.linked):
        raise ProductRefused(_("Only partner products can be connected."), field="linked")
    return data.linked


def _area_name(product: Product, name: str, area: Area | None = None) -> str:
    found = master_rows.line(name, field="name", most=_MOST_AREA)
    others = product.areas.exclude(pk=area.pk if area else 0)
    if others.filter(name__iexact=found).exists():
        raise ProductRefused(_("This product has such an area already."), field="name")
    return found


def _version_values(product: Product, data: VersionData, version: ProductVersion | None = None) -> dict[str, Any]:
    name = master_rows.line(data.name, field="name", most=_MOST_VERSION)
    others = product.versions.exclude(pk=version.pk if version else 0)
    if others.filter(name__iexact=name).exists():
        raise ProductRefused(_("This product has such a version already."), field="name")
    if data.supported_until is not None and data.supported_until < data.released_on:
        raise ProductRefused(_("Support cannot end before the release."), field="supported_until")
    return {"name": name, "released_on": data.released_on, "supported_until": data.supported_until}


def _refuse_if_referred(row: Product | Area | ProductVersion) -> None:
    if not master_rows.referring(row, apart_from=[Product.linked.through]):
        return
    reasons = {
        Product: _("Contracts, requests or the catalogue refer to this product: it stays. Please switch it off."),
        Area: _("Requests refer to this area: it stays. Please switch it off."),
        ProductVersion: _(
            "Customers or requests refer to this version: it stays. Please enter the end of its support."
        ),
    }
    raise StillReferred(reasons[type(row)])


def _remove(row: Product | Area | ProductVersion, actor: Any, now: datetime) -> None:
    verb = {Product: "product.removed", Area: "area.removed", ProductVersion: "version.removed"}[type(row)]
    audit.record(verb, row, actor=actor, now=now)
    row.delete()


def _move(row: Any, rows: list[Any], *, up: bool, actor: Any, now: datetime) -> None:
    """Number all rows anew, so that rows that had one number get one each."""
    before = [one.pk for one in rows]
    ordered = master_rows.neighbour(rows, row, up=up)
    master_rows.number_rows(ordered)
    if [one.pk for one in ordered] != before:
        audit.record(f"{row._meta.model_name}.moved", row, actor=actor, now=now, data={"up": up})
