"""Take in articles from Markdown folders, HTML and CSV: a dry run first, then the import with a report.

A small package is looked at and imported while its editor waits; with a larger one the worker does that.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.desk import help_import
from klarfall.desk.access import needs
from klarfall.desk.forms.article_import import PackageForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions import packages
from klarfall.knowledge.importing import carrying
from klarfall.knowledge.models import ArticleImport
from klarfall.ui.rendering import SeeOther, page

_HERE = "articles"


@needs("article.import")
def article_import(request: HttpRequest) -> HttpResponse:
    """Hand in a package; the latest ones stand below."""
    form = PackageForm(request.POST or None, request.FILES or None)
    taken: list[ArticleImport] = []
    if request.method == "POST" and done(form, lambda: taken.append(_taken_in(request, form))):
        return SeeOther(_address(taken[0]))
    latest = list(help_import.runs()[: help_import.LATEST])
    return page(
        request,
        "desk/articles/import.html",
        status=422 if form.is_bound else 200,
        **shell(scope_of(request), _HERE),
        form=form,
        latest=latest,
    )


def _taken_in(request: HttpRequest, form: PackageForm) -> ArticleImport:
    file, now = form.cleaned_data["file"], timezone.now()
    who: dict[str, Any] = {"actor": request.user, "now": now}
    small = carrying.is_small(file, file.name)
    run = packages.take_in(file=file, name=file.name, options=form.options, in_background=not small, **who)
    if small:
        carrying.check(run.pk, get_language() or "de", now=now)
    return run


@needs("article.import")
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """One package: what the dry run found, how far the import is, or what became of it."""
    run, scope = _run(pk), scope_of(request)
    working = help_import.working(run, scope.now)
    most = packages.MOST_SHOWN
    return page(request, "desk/articles/package.html", **shell(scope, _HERE), run=run, working=working, most=most)


@needs("article.import")
def package_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is, for htmx; everybody else gets the package itself."""
    run = _run(pk)
    if not request.headers.get("HX-Request"):
        return redirect("desk:article-package", pk=pk)
    working = help_import.working(run, timezone.now())
    answer = page(request, "desk/articles/package_progress.html", run=run, working=working)
    if working is None or working.failed:
        answer["HX-Refresh"] = "true"  # done: the whole page is another one now
    return answer


@needs("article.import")
@require_POST
def package_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Import a package that was looked at, stop or discard it, or have a step begun again that failed."""
    step = _STEPS.get(request.POST.get("do", ""))
    if step is None:
        raise Http404
    run = _run(pk)
    try:
        step(run, {"actor": request.user, "now": timezone.now()})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(_address(run))


def _import(run: ArticleImport, who: dict[str, Any]) -> None:
    run = packages.confirm(run, **who)
    if not run.in_background:
        carrying.carry_out(run, who["actor"].pk, get_language() or "de", lambda _done: None, now=who["now"])


def _discard(run: ArticleImport, who: dict[str, Any]) -> None:
    packages.stop(run, **who)


def _again(run: ArticleImport, who: dict[str, Any]) -> None:
    packages.start_over(run, **who)


_STEPS = {"import": _import, "stop": _discard, "again": _again}


def _run(pk: int) -> ArticleImport:
    return get_object_or_404(help_import.runs(), pk=pk)


def _address(run: ArticleImport) -> str:
    return reverse("desk:article-package", args=[run.pk])
