"""Take in articles from Markdown folders, HTML and CSV: a dry run first, then the import with a report."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.core.action import Refused
from klarfall.desk import help_import
from klarfall.desk.access import needs
from klarfall.desk.forms.article_import import PackageForm
from klarfall.desk.refusals import refuse
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.importing.planning import Plan
from klarfall.ui.rendering import SeeOther, page

_HERE = "articles"
#: Lines of a report that the page shows.
_MOST = 300


@needs("article.import")
def article_import(request: HttpRequest) -> HttpResponse:
    """Hand in a package and see what it would do; then have it done."""
    if request.method == "POST" and "token" in request.POST:
        return _carried_out(request)
    form = PackageForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form=form, status=422 if form.is_bound else 200)
    file = form.cleaned_data["file"]
    one = help_import.keep(file, file.name, form.options, timezone.now())
    try:
        with help_import.planned(one) as plan:
            return _page(request, plan=_shown(plan), token=one.token(request.user), name=one.name, options=one.options)
    except Refused as problem:
        help_import.forget(one)
        refuse(form, problem)
        return _page(request, form=form, status=422)


def _carried_out(request: HttpRequest) -> HttpResponse:
    one = help_import.waiting(request.POST["token"], request.user)
    if request.POST.get("do") != "import":
        help_import.forget(one)
        messages.info(request, _("Nothing was imported."))
        return SeeOther(reverse("desk:article-import"))
    result = help_import.run(one, actor=request.user, now=timezone.now())
    return _page(request, result=result, name=one.name, problems=result.problems[:_MOST], options=one.options)


def _shown(plan: Plan) -> dict[str, Any]:
    return {
        "new": plan.new,
        "known": plan.known,
        "steps": plan.steps[:_MOST],
        "more": max(0, len(plan.steps) - _MOST),
        "problems": plan.problems[:_MOST],
        "left_out": sum(one.fatal for one in plan.problems),
    }


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(request, "desk/articles/import.html", status=status, **shell(scope_of(request), _HERE), **context)
