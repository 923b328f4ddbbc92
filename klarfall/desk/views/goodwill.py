"""Goodwill: grant it with a reason, and see before what the customer then pays."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import goodwill as granting
from klarfall.core.action import Refused
from klarfall.desk.forms.money import GoodwillForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.workspace import back, concern_at, show, story_for
from klarfall.tickets.models import Concern
from klarfall.ui.rendering import page, wants_part


@require_POST
def goodwill(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """Grant goodwill on a concern; what was refused stands in the form with all that was typed."""
    story, scope = story_for(request, number)
    concern = concern_at(story, position)
    form = GoodwillForm(request.POST, auto_id="id_goodwill_%s")

    def act() -> None:
        data = form.cleaned_data
        granting.grant_goodwill(
            concern,
            minutes=data["minutes"],
            net=data["net"],
            reason=data["reason"],
            grants_seen=data["seen"],
            actor=scope.user,
            now=scope.now,
        )

    if done(form, act):
        return back(request, number, _("Goodwill granted. The customer gets a mail."))
    return show(request, number, bound={"goodwill": form}, opened="goodwill", position=position)


@require_POST
def preview(request: HttpRequest, number: int, position: int) -> HttpResponse:
    """What the customer would pay then; nothing is written."""
    story, _scope = story_for(request, number)
    concern = concern_at(story, position)
    found, problem = _previewed(request, concern, story.now)
    frame = {} if wants_part(request) else shell(scope_of(request))
    return page(
        request,
        "desk/ticket/goodwill_preview.html",
        part="preview",
        **frame,
        ticket=story.ticket,
        concern=concern,
        found=found,
        problem=problem,
        sent=[(name, value) for name, values in request.POST.lists() for value in values if name[:4] != "csrf"],
    )


def _previewed(request: HttpRequest, concern: Concern, now: Any) -> tuple[Any, str]:
    """The effect, or in words why there is none yet."""
    form = GoodwillForm(request.POST)
    form.is_valid()
    minutes, net = form.cleaned_data.get("minutes", 0), form.cleaned_data.get("net", Decimal("0.00"))
    if not minutes and not net:
        return None, _("Minutes or an amount show what the customer then pays.")
    try:
        return granting.preview(concern, minutes=minutes, net=net, actor=request.user, now=now), ""
    except Refused as problem:
        return None, str(problem.message)
