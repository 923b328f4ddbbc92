"""What the help lacks, for those who write it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from klarfall.accounts import permissions
from klarfall.core import vendor
from klarfall.desk import help_gaps
from klarfall.desk.access import needs
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions.synonyms import settle_miss
from klarfall.knowledge.models import SearchMiss
from klarfall.ui.rendering import SeeOther, page

_HERE = "help-gaps"
#: The tabs: value of `show`, label.
_TABS: tuple[tuple[str, str | Promise], ...] = (
    ("", _("Searched in vain")),
    ("unhelpful", _("Read, and it did not help")),
    ("unanswered", _("Solved without an article")),
    ("due", _("Check again, expires")),
    ("links", _("Broken links")),
)


@needs("article.write")
def gaps(request: HttpRequest) -> HttpResponse:
    """One of the lists."""
    scope, show = scope_of(request), request.GET.get("show", "")
    show = show if show in dict(_TABS) else ""
    path = reverse("desk:help-gaps")
    tabs = [
        {"label": label, "url": f"{path}?show={name}" if name else path, "current": name == show}
        for name, label in _TABS
    ]
    context = {"show": show, "gap_tabs": tabs, **_rows(request, show, scope.now)}
    return page(request, "desk/articles/gaps.html", **shell(scope, _HERE), **context)


def _rows(request: HttpRequest, show: str, now: Any) -> dict[str, Any]:
    """What the chosen list shows."""
    if show == "unhelpful":
        return {"rows": help_gaps.unhelpful()}
    if show == "unanswered":
        return {"rows": help_gaps.unanswered(now), "sees_requests": permissions.may("ticket.reply", request.user)}
    if show == "due":
        today = now.astimezone(vendor.zone()).date()
        return {"rows": help_gaps.due_soon(today), "today": today}
    if show == "links":
        return {"rows": help_gaps.links(_number(request.GET.get("after", "")))}
    settled = "done" in request.GET
    return {"rows": help_gaps.misses(settled=settled), "settled": settled}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0  # noqa: PLR2004 - a bigint


@needs("article.write")
@require_POST
def miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that somebody took care of words that were searched in vain, or take that back."""
    found = get_object_or_404(SearchMiss, pk=pk)
    done = request.POST.get("do") != "undo"
    settle_miss(found, done=done, actor=request.user, now=timezone.now())
    return SeeOther(reverse("desk:help-gaps") + ("" if done else "?done=1"))
