"""Change the house: what the vendor is called, looks like, sends from and says about itself."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from klarfall.accounts import logo, permissions
from klarfall.core import audit, vendor
from klarfall.core.action import Refused, action
from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.ui import colour

_PREFIX = re.compile(r"[A-Za-z0-9]{1,6}")
_MOST_DAYS = 365
#: The longest text that is accepted, by field; the others take what their column takes.
_LONGEST = {"address": 500, "legal_notice": 2000, "imprint_text": 20_000, "privacy_text": 60_000}
_URLS = ("imprint_url", "privacy_url", "accessibility_url")
_is_url = URLValidator(schemes=["http", "https"])


class HouseRefused(Refused):
    """Something that the house cannot be like; `field` names it."""

    code = "house_refused"


@dataclass(frozen=True, kw_only=True)
class HouseData:
    """What the vendor says about itself; texts may be empty, except for name, prefix and zone.

    `accent` is `#rrggbb` or empty (ink). For each legal page there is a text of its own or the address of a page
    elsewhere; the address wins.
    """

    name: str
    legal_name: str = ""
    address: str = ""
    number_prefix: str = "KF"
    time_zone: str = "Europe/Berlin"
    mail_from: str = ""
    consulting_email: str = ""
    remote_needs_agreement: bool = False
    offer_valid_days: int = 14
    legal_notice: str = ""
    accent: str = ""
    public_pages: bool = True
    imprint_url: str = ""
    imprint_text: str = ""
    privacy_url: str = ""
    privacy_text: str = ""
    accessibility_url: str = ""
    accessibility_text: str = ""


@action
def change_house(*, data: HouseData, actor: Any, now: datetime) -> VendorProfile:
    """Change the vendor's profile; it counts on every page at the next request. Raises HouseRefused (with `field`).

    Prefix and time zone stay from the first request on: numbers were told to customers and stand in sealed texts,
    and days of service were counted in that zone.
    """
    permissions.require("house.set_up", actor)
    profile = _locked(data.name)
    values = {name: _clean(value) for name, value in asdict(data).items()}
    values["accent"] = values["accent"].lower()
    _check_texts(values)
    _check_lasting(profile, values)
    _check_accent(values["accent"])
    changed = sorted(name for name, value in values.items() if getattr(profile, name) != value)
    for name in changed:
        setattr(profile, name, values[name])
    if changed:
        profile.save(update_fields=changed)
        audit.record("house.changed", profile, actor=actor, now=now, data={"fields": changed})
    vendor.forget()
    return profile


@action
def change_logo(*, content: bytes, actor: Any, now: datetime) -> VendorProfile:
    """Show this picture as the vendor's logo instead of our sign; empty content takes it away. Raises LogoRefused."""
    permissions.require("house.set_up", actor)
    drawn = logo.redrawn(content) if content else b""
    profile = _locked("")
    before, profile.logo_key = profile.logo_key, logo.store(drawn) if drawn else ""
    profile.logo_type = logo.CONTENT_TYPE if drawn else ""
    profile.save(update_fields=["logo_key", "logo_type"])
    audit.record("house.logo_changed", profile, actor=actor, now=now, data={"shown": bool(drawn)})
    if before and before != profile.logo_key:
        transaction.on_commit(lambda: default_storage.delete(before))
    vendor.forget()
    return profile


def _locked(name: str) -> VendorProfile:
    VendorProfile.objects.get_or_create(pk=1, defaults={"name": name.strip()[:120] or vendor.current().name})
    return VendorProfile.objects.select_for_update().get(pk=1)


def _clean(value: Any) -> Any:
    """A text without space around it, with plain line breaks and without signs that no page can show."""
    if not isinstance(value, str):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    return "".join(sign for sign in lines if sign in "\n\t" or sign.isprintable())


def _check_texts(values: dict[str, Any]) -> None:
    if not values["name"] or "\n" in values["name"]:
        raise HouseRefused(_("Please tell the name of your company."), field="name")
    for name, value in values.items():
        most = _LONGEST.get(name) or getattr(VendorProfile._meta.get_field(name), "max_length", None) or 20_000
        if isinstance(value, str) and len(value) > most:
            raise HouseRefused(_("At most %(most)s characters, please.") % {"most": most}, field=name)
    for name in ("mail_from", "consulting_email"):
        if values[name]:
            _check(validate_email, values, name, _("This is no e-mail address."))
    for name in _URLS:
        if values[name]:
            _check(_is_url, values, name, _("This is no web address: it begins with https://."))
    if not 1 <= values["offer_valid_days"] <= _MOST_DAYS:
        raise HouseRefused(_("Between 1 and %(most)s days.") % {"most": _MOST_DAYS}, field="offer_valid_days")


def _check(validator: Any, values: dict[str, Any], name: str, message: str) -> None:
    try:
        validator(values[name])
    except ValidationError as problem:
        raise HouseRefused(message, field=name) from problem


def _check_lasting(profile: VendorProfile, values: dict[str, Any]) -> None:
    """What cannot change any more once there are requests."""
    if not _PREFIX.fullmatch(values["number_prefix"]):
        raise HouseRefused(_("Letters and digits only, at most six of them."), field="number_prefix")
    if values["time_zone"] not in available_timezones():
        raise HouseRefused(_("Please choose a time zone from the list."), field="time_zone")
    reasons = {
        "number_prefix": _("There are requests already: their numbers are known to customers and stay as they are."),
        "time_zone": _("There are requests already: their days were counted in this time zone."),
    }
    for name, reason in reasons.items():
        if values[name] != getattr(profile, name) and has_requests():
            raise HouseRefused(reason, field=name)


def has_requests() -> bool:
    """Is there any request yet? Not an action: a question, asked as SYSTEM."""
    with viewing_as(SYSTEM):
        return system_rows(apps.get_model("tickets", "Ticket")).exists()


def _check_accent(accent: str) -> None:
    if not accent:
        return
    if not colour.is_colour(accent):
        raise HouseRefused(_("A colour is # and six digits from 0 to f, for example #0b5d4e."), field="accent")
    if not colour.passes(accent):
        values = {"ratio": f"{colour.least_contrast(accent):.1f}", "colour": colour.nearest(accent)}
        message = _(
            "Too light to be read: contrast %(ratio)s : 1, at least 4.5 : 1 is needed. Nearest colour: %(colour)s."
        )
        raise HouseRefused(message % values, field="accent")
