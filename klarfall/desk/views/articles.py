"""Articles: the list of all of them, and the beginning of a new one."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from klarfall.core import vendor
from klarfall.desk import article_list
from klarfall.desk.access import needs
from klarfall.desk.forms.articles import FilterForm
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import page

HERE = "articles"


@needs("article.write")
def articles(request: HttpRequest) -> HttpResponse:
    """All articles with what is in work, narrowed and page by page."""
    form, scope = FilterForm(request.GET), scope_of(request)
    today = scope.now.astimezone(vendor.zone()).date()
    found = article_list.search(form.chosen, request.GET, request.user, today)
    return page(
        request,
        "desk/articles/list.html",
        **shell(scope, HERE),
        form=form,
        found=found,
        today=today,
        soon=today + article_list.SOON,
        states=_tabs(form, article_list.counts(today)),
    )


def _tabs(form: FilterForm, counts: dict[str, int]) -> list[dict[str, object]]:
    chosen = form.chosen
    kept = {name: value for name, value in chosen.items() if name != "state"}
    here = chosen.get("state", "")
    return [
        {
            "label": label,
            "url": "?" + urlencode({**kept, "state": state} if state else kept),
            "current": state == here,
            "count": counts.get(state) or None,
        }
        for state, label in article_list.STATES
    ]
