"""Say at which extension somebody of the staff is reached."""

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.telephony.models import Extension

_NUMBER = re.compile(r"\+?[0-9][0-9 /\-]{0,38}", re.ASCII)
_NOT_DIGIT = re.compile(r"[^0-9+]")


class ExtensionRefused(Refused):
    """This is no extension, or somebody else's; `field` says so."""

    code = "extension_refused"


@action
def set_extension(user: User, *, number: str, actor: Any, now: datetime) -> Extension | None:
    """The extension (or whole number) as the telephone system names it; empty takes it away. Returns what counts now.

    Everybody sets their own, administrators anybody's. Raises NotAllowed or ExtensionRefused.
    """
    permissions.require("call.record" if user.pk == actor.pk else "staff.change", actor)
    if not user.is_staff:
        raise ExtensionRefused(_("Only staff has an extension."), field="extension")
    number = number.strip()
    if number and not _NUMBER.fullmatch(number):
        raise ExtensionRefused(_("Digits only, as the telephone system names it."), field="extension")
    plain = _NOT_DIGIT.sub("", number)
    if plain and Extension.objects.filter(number=plain).exclude(user=user).exists():
        raise ExtensionRefused(_("Somebody else has this extension."), field="extension")
    audit.record("staff.extension", user, actor=actor, now=now, data={"fields": ["extension"]})
    if not plain:
        Extension.objects.filter(user=user).delete()
        return None
    found, _made = Extension.objects.update_or_create(user=user, defaults={"number": plain})
    return found
