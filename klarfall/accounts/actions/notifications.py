"""Choose which notices one gets by mail."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User
from klarfall.accounts.notice_groups import groups_for
from klarfall.core import audit
from klarfall.core.action import NotAllowed, Refused, action


class NotMutable(Refused):
    """Such notices cannot be switched off, or do not exist."""

    code = "not_mutable"


@action
def mute_notices(user: User, *, muted: Collection[str], actor: User, now: datetime) -> User:
    """Switch these groups of notices off for oneself, and all others on. Raises NotMutable."""
    if actor.pk != user.pk:
        raise NotAllowed(_("Everybody chooses their own notifications."))
    possible = groups_for(user.kind)
    if not set(muted) <= {group.value for group in possible}:
        raise NotMutable(_("These notices cannot be switched off."), field="on")
    user = User.objects.select_for_update().get(pk=user.pk)
    chosen = [group.value for group in possible if group.value in muted]
    if chosen != user.muted_notices:
        user.muted_notices = chosen
        user.save(update_fields=["muted_notices"])
        audit.record("notices.muted", user, actor=actor, now=now, data={"muted": chosen})
    return user
