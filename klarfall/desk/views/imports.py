"""Imports: take a table in, look at the dry run, import it, and invite whom it brought."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.core.spreadsheets import csv_bytes
from klarfall.desk import imports as shown
from klarfall.desk.access import needs
from klarfall.desk.forms.imports import TableForm
from klarfall.desk.paging import page_of
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.transfer.actions import imports as actions
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.imports.people import waiting_for_invitation
from klarfall.transfer.imports.templates import csv_template, xlsx_template
from klarfall.transfer.models import ImportKind, ImportRun, ImportStage
from klarfall.ui.rendering import SeeOther, page

_HERE = "imports"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMS = {"csv": (csv_template, "text/csv; charset=utf-8"), "xlsx": (xlsx_template, _XLSX)}
#: What a person decides about a table -> the action, and what to say then.
_STEPS = {"import": actions.confirm, "discard": actions.discard, "again": actions.start_over}


@needs("data.import")
def imports(request: HttpRequest) -> HttpResponse:
    """All imports, newest first, templates, and the form for the next table."""
    form = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm()
    taken: list[ImportRun] = []

    def act() -> None:
        file, who = form.cleaned_data["file"], request.user
        kind, now = form.cleaned_data["kind"], timezone.now()
        taken.append(
            actions.take_in(kind=kind, file=file, name=file.name, size=file.size, actor=who, now=now)  # type: ignore[arg-type]
        )

    if request.method == "POST" and done(form, act):
        return SeeOther(reverse("desk:import-run", args=[taken[0].pk]))
    return _list(request, form)


def _list(request: HttpRequest, form: TableForm) -> HttpResponse:
    scope, query = scope_of(request), request.GET
    found = page_of(shown.runs(), after=query.get("after", ""), before=query.get("before", ""), newest=True)
    return page(
        request,
        "desk/imports/list.html",
        status=422 if form.is_bound else 200,
        **shell(scope, _HERE),
        form=form,
        found=found,
        kinds=ImportKind.choices,
    )


@needs("data.import")
def template(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """A file that shows how a table has to look."""
    if kind not in COLUMNS or form not in _FORMS:
        raise Http404
    make, content_type = _FORMS[form]
    return download(make(kind, get_language() or "de"), f"klarfall-{kind}.{form}", content_type)


@needs("data.import")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: what the dry run found, or what was written, with every row that is skipped."""
    found, scope = _run(pk), scope_of(request)
    return page(
        request,
        "desk/imports/run.html",
        **shell(scope, _HERE),
        run=found,
        working=shown.working(found, scope.now) or shown.inviting(found, scope.now),
        problems=list(found.problems.all()[: shown.SHOWN]),
        most=shown.SHOWN,
        invitable=_invitable(found),
    )


def _invitable(found: ImportRun) -> int:
    if found.kind != ImportKind.CONTACTS or found.stage != ImportStage.DONE:
        return 0
    return waiting_for_invitation(found).count()


@needs("data.import")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is, for htmx; everybody else gets the run itself."""
    found, now = _run(pk), timezone.now()
    if not request.headers.get("HX-Request"):
        return redirect("desk:import-run", pk=pk)
    working = shown.working(found, now) or shown.inviting(found, now)
    answer = page(request, "desk/imports/progress.html", run=found, working=working)
    if working is None or working.failed:
        answer["HX-Refresh"] = "true"  # done: the whole page is another one now
    return answer


@needs("data.import")
@require_POST
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a checked table, throw it away, or have a step begun again that failed."""
    act = _STEPS.get(request.POST.get("step", ""))
    if act is None:
        raise Http404
    try:
        act(_run(pk), actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:import-run", args=[pk]))


@needs("data.import")
def skipped(request: HttpRequest, pk: int) -> HttpResponse:
    """Every skipped row with its reason, as a table."""
    found = _run(pk)
    rows = found.problems.values_list("line", "column", "value", "reason")
    content = csv_bytes([_("Row"), _("Column"), _("Value"), _("Reason")], rows.iterator())
    return download(content, f"klarfall-import-{pk}.csv", "text/csv; charset=utf-8")


@needs("data.import")
@needs("contact.invite")
def invitations(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether people are to be invited whom the import brought, then have it done."""
    found, scope = _run(pk), scope_of(request)
    people = _invitable(found)
    if request.method != "POST" and people:
        return page(request, "desk/imports/invite.html", **shell(scope, _HERE), run=found, people=people)
    if request.method == "POST":
        try:
            number = actions.invite_imported(found, actor=scope.user, now=scope.now)
            words = ngettext("%(number)s person is being invited.", "%(number)s people are being invited.", number)
            messages.success(request, words % {"number": number})
        except Refused as problem:
            messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:import-run", args=[pk]))


def _run(pk: int) -> ImportRun:
    return get_object_or_404(shown.runs(), pk=pk)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file that browsers only save."""
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)
