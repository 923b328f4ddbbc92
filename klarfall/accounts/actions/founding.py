"""Found the house with its first specialist, and say that it is set up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.founding import is_founded
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.core import audit, master_rows, vendor
from klarfall.core.action import NotAllowed, Refused, action
from klarfall.core.models import VendorProfile

_MOST = 120


class FoundingRefused(Refused):
    """The house cannot begin like this; `field` names what is wrong."""

    code = "founding_refused"


@dataclass(frozen=True, kw_only=True)
class FoundingData:
    """The vendor and its first specialist; the form has checked the password."""

    vendor_name: str
    name: str
    email: str
    password: str


@action
def found_house(*, data: FoundingData, actor: Any, now: datetime) -> User:
    """Begin an empty house: its profile, and the first specialist with all roles of staff. `actor` is the system.

    The page asks `founding.may_found`; two who found at once wait for each other here. Raises NotAllowed for anybody
    but the system, FoundingRefused or UnusableLine (with `field`).
    """
    if actor.kind != Kind.SYSTEM:
        raise NotAllowed(_("You do not have the right to do this."))
    User.objects.select_for_update().get(kind=Kind.SYSTEM)
    if is_founded():
        raise FoundingRefused(_("Somebody was faster: this house has an administrator already. Please sign in."))
    vendor_name = master_rows.line(data.vendor_name, field="vendor_name", most=_MOST)
    name = master_rows.line(data.name, field="name", most=_MOST)
    profile, _created = VendorProfile.objects.update_or_create(
        pk=1, defaults={"name": vendor_name, "legal_notice": _legal_notice(), "is_demo": False, "sample_values": False}
    )
    user = User.objects.create_user(
        _email(data.email), name=name, kind=Kind.STAFF, staff_roles=list(StaffRole.values),
        language=(get_language() or "de")[:2], password=data.password,
    )  # fmt: skip
    audit.record("house.founded", profile, actor=user, now=now, data={"user": user.pk})
    vendor.forget()
    return user


@action
def finish_setup(*, actor: Any, now: datetime) -> VendorProfile:
    """Say that the house is set up: from now on the desk no longer leads back to the wizard."""
    permissions.require("house.set_up", actor)
    profile = VendorProfile.objects.select_for_update().get(pk=1)
    if profile.set_up_at is None:
        profile.set_up_at = now
        profile.save(update_fields=["set_up_at"])
        audit.record("house.set_up", profile, actor=actor, now=now)
    vendor.forget()
    return profile


def _email(text: str) -> str:
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as problem:
        raise FoundingRefused(_("This is no e-mail address."), field="email") from problem
    return email


def _legal_notice() -> str:
    return _(
        "For legal reasons we must not give legal or tax advice. We gladly show you where to find the figures you "
        "need in the application. For their assessment please ask your legal or tax adviser."
    )
