"""The full export of the house, and lists of customers, contacts, contracts and versions."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.desk import exports as shown
from klarfall.desk.access import needs
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.imports import download
from klarfall.tickets.files import Content, headers
from klarfall.transfer.actions import exports as actions
from klarfall.transfer.exports.lists import as_csv
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.models import HouseExport, ImportKind
from klarfall.ui.rendering import SeeOther, page

_HERE = "house-export"


@needs("data.export")
def exports(request: HttpRequest) -> HttpResponse:
    """The latest exports, and the lists; a POST begins another export."""
    scope = scope_of(request)
    if request.method == "POST":
        try:
            actions.start_export(actor=scope.user, now=scope.now)
        except Refused as problem:
            messages.error(request, str(problem.message))
        return SeeOther(reverse("desk:house-export"))
    found = shown.latest()
    return page(
        request,
        "desk/exports/list.html",
        **shell(scope, _HERE),
        found=found,
        working={one.pk: shown.working(one, scope.now) for one in found if not one.finished_at},
        kept_since=scope.now - actions.KEPT,
        kinds=ImportKind.choices,
    )


@needs("data.export")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is, for htmx; everybody else gets the list."""
    found = get_object_or_404(HouseExport, pk=pk)
    if not request.headers.get("HX-Request"):
        return redirect("desk:house-export")
    working = shown.working(found, timezone.now())
    answer = page(request, "desk/exports/progress.html", export=found, working=working)
    if working is None or working.failed:
        answer["HX-Refresh"] = "true"  # done: the whole page is another one now
    return answer


@needs("data.export")
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The archive of an export, to be saved; taking it is written down."""
    export = get_object_or_404(HouseExport, pk=pk)
    try:
        export = actions.hand_out(export, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        stored = default_storage.open(export.file_key, "rb")
    except (Refused, FileNotFoundError):
        messages.error(request, _("This export was removed after 7 days. Please begin a new one."))
        return SeeOther(reverse("desk:house-export"))
    name = f"klarfall-export-{timezone.localtime(export.created_at):%Y-%m-%d}.zip"
    content = Content(name, "application/zip", export.size, export.file_hash, export.file_key)
    response = FileResponse(stored)
    for header, value in headers(content).items():
        response[header] = value  # afterwards: the response makes a name of its own from the stored key
    return response


@needs("data.export")
def table(request: HttpRequest, kind: str) -> HttpResponse:
    """Customers, contacts, contracts or versions in the form that imports read."""
    if kind not in COLUMNS:
        raise Http404
    actions.list_taken(kind, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    content = as_csv(kind, get_language() or "de")
    return download(content, f"klarfall-{kind}.csv", "text/csv; charset=utf-8")
