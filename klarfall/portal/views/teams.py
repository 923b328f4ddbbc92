"""The page of one wish for the team that fulfils it: opened by the link in its mail, and nothing else is behind it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from klarfall.accounts.models import User
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.portal.forms.wishes import TeamAnswerForm
from klarfall.tickets.actions.handover import set_handover_status
from klarfall.tickets.handing_over import Wish, opened
from klarfall.tickets.models import ConsultantRequest, HandoverStatus
from klarfall.ui.rendering import SeeOther, page

_OVER = (HandoverStatus.DONE, HandoverStatus.WITHDRAWN)


@login_not_required
@never_cache
def wish(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the wish; a POST says how far it is. Opening the link changes nothing: mail scanners follow links, too."""
    # Only the holder of the link is known, no account: what the token opens is read with full sight, and nothing else.
    with viewing_as(SYSTEM):
        found = opened(token, now=timezone.now())
        if found is None:
            return _page(request, "over.html", status=404)
        form = _form(request, found)
        if request.method == "POST" and form.is_valid() and _answer(found, form):
            messages.success(request, _("Saved. The customer sees it, too, and gets a mail."))
            return SeeOther(request.path)
        return _page(request, "wish.html", status=422 if form.errors else 200, **_words(found), form=form)


def _form(request: HttpRequest, found: Wish) -> TeamAnswerForm:
    """Filled with what is agreed: saved once more, nothing of it is lost."""
    agreed = {name: getattr(found, name) for name in ("scheduled_on", "minutes", "place")}
    time = timezone.localtime(found.starts_at, vendor.zone()).time() if found.starts_at else None
    initial = {"status": HandoverStatus.SCHEDULED, "starts_at": time, **agreed}
    return TeamAnswerForm(request.POST or None, initial=initial)


def _answer(found: Wish, form: TeamAnswerForm) -> bool:
    """Let the system do what the team says; a refusal stands at its field."""
    try:
        set_handover_status(found, **form.given, actor=User.objects.system(), now=timezone.now())
    except Refused as problem:
        form.refuse(problem)
    except TransitionNotAllowed:
        form.add_error(None, _("This wish is finished; nothing can be entered any more."))
    return not form.errors


def _words(found: Wish) -> dict[str, Any]:
    consulting = isinstance(found, ConsultantRequest)
    return {"wish": found, "consulting": consulting, "over": found.status in _OVER, "now": timezone.now()}


def _page(request: HttpRequest, template: str, *, status: int, **context: Any) -> HttpResponse:
    return page(request, f"portal/teams/{template}", status=status, **context)
