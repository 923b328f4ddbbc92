"""The work lists."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from klarfall.accounts.access import is_only_editor
from klarfall.desk.access import for_all_staff
from klarfall.desk.first_rows import first_rows
from klarfall.desk.forms.worklist import FilterForm
from klarfall.desk.paging import PAGE, Page, first_page, page_of
from klarfall.desk.queue import Line, Lines, columns
from klarfall.desk.shell import capped, scope_of, shell
from klarfall.desk.worklists import LISTS, Scope, WorkList, rows_of
from klarfall.ui.rendering import page

_FEW = 6


@for_all_staff
def start(request: HttpRequest) -> HttpResponse:
    """Everybody begins with what is to be assessed; who only keeps the help, with its articles."""
    if is_only_editor(request.user):
        return redirect("desk:articles")
    return redirect("desk:list", slug="to-assess")


def worklist(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of a list; on the first one also what waits for the customers."""
    work = LISTS.get(slug)
    if work is None:
        raise Http404
    scope, form = scope_of(request), FilterForm(request.GET)
    frame = shell(scope, slug)
    lines = Lines(scope.service_time, urlencode({"list": slug}))
    found = _found(work, scope, form, request.GET)
    return page(
        request,
        "desk/list/page.html",
        **frame,
        work=work,
        summary=_summary(frame["counts"][slug], form),
        form=form,
        lines=[lines.line(row) for row in found.rows],
        waiting=_waiting(work, scope, form, lines, found),
        **_neighbours(slug, form, found),
    )


def _found(work: WorkList, scope: Scope, form: FilterForm, query: Any) -> Page:
    """The page that the query asks for; the first one without filters is what nearly everybody looks at."""
    before, after = query.get("before", ""), query.get("after", "")
    if not (form.filters or before or after):
        return first_page(first_rows(work, scope, PAGE + 1, newest=form.newest), newest=form.newest)
    rows = columns(form.narrow(rows_of(work, scope)), assessed=not work.with_waiting)
    return page_of(rows, after=after, before=before, newest=form.newest)


def _summary(number: int, form: FilterForm) -> str:
    """How many there are and how they are sorted, in one line."""
    words = ngettext("%(count)s request", "%(count)s requests", number) % {"count": capped(number)}
    if form.filters:
        return _("%(requests)s, filtered here") % {"requests": words}
    return words if form.newest else _("%(requests)s, the next deadline first") % {"requests": words}


def _waiting(work: WorkList, scope: Scope, form: FilterForm, lines: Lines, found: Page) -> list[Line]:
    """The first few that wait for a decision, below the first page."""
    if not work.with_waiting or found.before:
        return []
    waiting = LISTS["decision-open"]
    if not form.filters:
        return [lines.line(row) for row in first_rows(waiting, scope, _FEW)]
    rows = columns(form.narrow(rows_of(waiting, scope)))
    return [lines.line(row) for row in rows.order_by("queue_at", "id")[:_FEW]]


def _neighbours(slug: str, form: FilterForm, found: Page) -> dict[str, Any]:
    """Addresses of the pages before and after, with the filter kept."""
    path = reverse("desk:list", args=[slug])

    def address(**cursor: str) -> str:
        return f"{path}?{urlencode({**form.chosen, **cursor})}"

    return {
        "earlier": address(before=found.before) if found.before else "",
        "later": address(after=found.after) if found.after else "",
        "list_url": path,
    }
