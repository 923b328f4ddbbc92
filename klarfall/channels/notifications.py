"""The page on which a person chooses which notices come by mail; contacts and staff alike."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts.actions.notifications import mute_notices
from klarfall.accounts.adapter import home_of
from klarfall.accounts.notice_groups import groups_for
from klarfall.channels.notice_groups import LASTING
from klarfall.core.action import Refused
from klarfall.ui.rendering import go, page


def notifications(request: HttpRequest) -> HttpResponse:
    """Shows the groups with a switch each, those that always come with the reason, and takes the choice."""
    user: Any = request.user
    possible = groups_for(user.kind)
    if request.method == "POST":
        on = request.POST.getlist("on")
        try:
            muted = [group.value for group in possible if group.value not in on]
            mute_notices(user, muted=muted, actor=user, now=timezone.now())
        except Refused as problem:
            messages.error(request, str(problem.message))
        else:
            messages.success(request, _("Saved."))
        return go(request, "notifications")
    groups = [(group.value, group.label, group.value not in user.muted_notices) for group in possible]
    lasting = [one for one in LASTING if user.kind in one.readers]
    return page(request, "channels/notifications.html", groups=groups, lasting=lasting, home_url=home_of(user))
