"""Somebody stays administrator: without one nobody could set anything up any more."""

from django.db.models import Q
from django.utils.translation import gettext as _

from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.core.action import Refused

_ADMINISTRATORS = Q(kind=Kind.STAFF, is_active=True, staff_roles__contains=[StaffRole.ADMINISTRATOR])


class StaffRefused(Refused):
    """Something that cannot be so for a colleague; `field` names it."""

    code = "staff_refused"


def locked_with_administrators(user: User) -> User:
    """The person as they are now. All administrators are locked with them, in one order for everybody.

    So of two administrators who take the role from each other the second one finds what the first one did.
    """
    rows = User.objects.select_for_update(no_key=True).filter(_ADMINISTRATORS | Q(pk=user.pk))
    return {one.pk: one for one in rows.order_by("pk")}[user.pk]


def refuse_if_last(user: User, *, field: str | None = None) -> None:
    """Raise StaffRefused if this person, locked, is the only active administrator."""
    others = User.objects.filter(_ADMINISTRATORS).exclude(pk=user.pk)
    if user.is_active and StaffRole.ADMINISTRATOR in user.staff_roles and not others.exists():
        words = _("%(name)s is the only administrator: somebody has to be one.") % {"name": user.name}
        raise StaffRefused(words, field=field)
