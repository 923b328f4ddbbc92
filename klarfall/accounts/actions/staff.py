"""Add colleagues, change what they may do, let them go and come back (domain.md, section 7)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.administrators import StaffRefused, locked_with_administrators, refuse_if_last
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.accounts.staff_links import invited_by
from klarfall.core import audit, changes, master_rows
from klarfall.core.action import action
from klarfall.core.jobs import enqueue

_MOST_NAME, _MOST_EMAIL = 120, 254


@action
def add_staff(*, name: str, email: str, roles: Collection[str], actor: Any, now: datetime) -> User:
    """Add a colleague and invite them by mail to choose a password. Raises StaffRefused or UnusableLine (with `field`).

    A person is staff or contact, never both: the address of a contact is refused.
    """
    permissions.require("staff.change", actor)
    values = _checked(None, name, email, roles)
    user = User(kind=Kind.STAFF, language=actor.language, **values)
    user.set_unusable_password()
    master_rows.insert(user, StaffRefused(_("A colleague has this address already."), field="email"))
    audit.record("staff.added", user, actor=actor, now=now, data={"roles": user.staff_roles})
    enqueue("accounts.send_staff_invitation", user_id=user.pk)
    return user


@action
def change_staff(user: User, *, name: str, email: str, roles: Collection[str], actor: Any, now: datetime) -> User:
    """Change name, address and roles. Raises StaffRefused or UnusableLine (with `field`).

    Somebody stays administrator: without one nobody could set anything up any more.
    """
    user = _locked(user, actor)
    values = _checked(user, name, email, roles)
    if StaffRole.ADMINISTRATOR not in values["staff_roles"]:
        refuse_if_last(user, field="roles")
    changed = changes.change(user, values)
    if changed:
        audit.record("staff.changed", user, actor=actor, now=now, data={"fields": changed, "roles": user.staff_roles})
    return user


@action
def resend_staff_invitation(user: User, *, actor: Any, now: datetime) -> None:
    """Send a new invitation; the link of the one before ends here. Raises StaffRefused."""
    user = _locked(user, actor)
    if not user.is_active:
        raise StaffRefused(_("This person is no longer active."))
    if user.has_usable_password():
        raise StaffRefused(_("%(name)s already has an account.") % {"name": user.name})
    _invite(user)
    audit.record("staff.invited", user, actor=actor, now=now)


@action
def deactivate_staff(user: User, *, actor: Any, now: datetime) -> User:
    """Let a colleague go: signed out everywhere at once, and without a password. Raises StaffRefused.

    Their requests and their timer are handed over by `billing.actions.leave`, which pages call.
    """
    user = _locked(user, actor)
    if user.pk == actor.pk:
        raise StaffRefused(_("Nobody can switch off their own account. Please ask another administrator."))
    refuse_if_last(user)
    if user.is_active:
        user.is_active = False
        user.set_unusable_password()  # every session hangs on the password: none of them lives again later
        user.save(update_fields=["is_active", "password"])
        audit.record("staff.deactivated", user, actor=actor, now=now)
    return user


@action
def reactivate_staff(user: User, *, actor: Any, now: datetime) -> User:
    """Let a colleague come back with the roles they had, invited to choose a new password. Raises StaffRefused."""
    user = _locked(user, actor)
    if not user.name:
        raise StaffRefused(_("This person was erased and cannot come back."))
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record("staff.reactivated", user, actor=actor, now=now, data={"roles": user.staff_roles})
        _invite(user)
    return user


@action
def accept_staff_invitation(token: str, *, password: str, actor: Any, now: datetime) -> User:
    """Set the first password of the colleague whom the link invites; it is used up. `actor` is that person.

    The form has checked the password. Raises StaffRefused when the link no longer counts.
    """
    User.objects.select_for_update().get(pk=actor.pk)  # two people with one link wait for each other here
    user = invited_by(token)
    if user is None or user.pk != actor.pk:
        raise StaffRefused(_("This invitation can no longer be used."))
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record("staff.invitation_accepted", user, actor=actor, now=now)
    return user


def _locked(user: User, actor: Any) -> User:
    permissions.require("staff.change", actor)
    user = locked_with_administrators(user)
    if user.kind != Kind.STAFF:
        raise StaffRefused(_("This is nobody of our staff."))
    return user


def _invite(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    enqueue("accounts.send_staff_invitation", user_id=user.pk)


def _checked(user: User | None, name: str, email: str, roles: Collection[str]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": master_rows.line(name, field="name", most=_MOST_NAME)}
    values["email"] = master_rows.line(email, field="email", most=_MOST_EMAIL).lower()
    try:
        validate_email(values["email"])
    except ValidationError:
        raise StaffRefused(_("This is no e-mail address."), field="email") from None
    other = User.objects.filter(email=values["email"]).exclude(pk=user.pk if user else 0).first()
    if other is not None:
        raise StaffRefused(_of_somebody_else(other), field="email")
    if not roles or not set(roles) <= set(StaffRole.values):
        raise StaffRefused(_("Please choose at least one role."), field="roles")
    return values | {"staff_roles": [role for role in StaffRole.values if role in roles]}


def _of_somebody_else(other: User) -> str:
    if other.kind == Kind.CONTACT:
        return _("This address belongs to a contact of a customer. Nobody is staff and contact at once.")
    if not other.is_active:
        return _("A former colleague has this address. Please reactivate them.")
    return _("A colleague has this address already.")
