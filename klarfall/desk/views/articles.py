"""Articles: the list of all of them, and the beginning of a new one."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import Product
from klarfall.core import vendor
from klarfall.desk import article_list, article_page, reference
from klarfall.desk.access import needs
from klarfall.desk.forms.articles import KIND_NOTES, VISIBILITY_NOTES, FilterForm, NewArticleForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.knowledge.actions.articles import Content, create_article
from klarfall.knowledge.models import Edition
from klarfall.ui.rendering import SeeOther, page

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
        may_import=permissions.may("article.import", request.user),
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
            "count": _capped(counts.get(state, 0)),
        }
        for state, label in article_list.STATES
    ]


def _capped(number: int) -> str | None:
    return (f"{article_list.MOST}+" if number > article_list.MOST else str(number)) if number else None


@needs("article.write")
def new_article(request: HttpRequest) -> HttpResponse:
    """Begin an article: about which product, of which kind, for whom, under which title."""
    product = _product(request)
    if product is None:
        return page(request, "desk/articles/new.html", **shell(scope_of(request), HERE), form=None)
    form = NewArticleForm(request.POST or None, product=product, initial=_beginning(request))
    made: list[Edition] = []

    def act() -> None:
        made.append(_created(form, request))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The draft is there. What you write is saved by itself."))
        return SeeOther(article_page.address("article", made[0].article, made[0].language))
    notes = {"visibility_notes": VISIBILITY_NOTES, "kind_notes": KIND_NOTES}
    status = 422 if form.is_bound else 200
    frame = shell(scope_of(request), HERE)
    return page(
        request, "desk/articles/new.html", part="choices", status=status, **frame, form=form, product=product, **notes
    )


def _created(form: NewArticleForm, request: HttpRequest) -> Edition:
    given, product = form.cleaned_data, form.about
    areas = {area.pk: area for area in product.areas.all()}
    return create_article(
        kind=given["kind"],
        product=product,
        area=areas.get(given["area"]),
        visibility=given["visibility"],
        language=given["language"],
        content=Content(title=given["title"]),
        actor=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
    )


def _product(request: HttpRequest) -> Product | None:
    """The product that is chosen, else the first one; None in a house without products."""
    products = reference.products()
    asked = request.POST.get("product") or request.GET.get("product", "")
    return next((one for one in products if str(one.pk) == asked), products[0] if products else None)


def _beginning(request: HttpRequest) -> dict[str, str]:
    """What the address says: a title for what was searched for in vain, a kind."""
    return {name: request.GET[name][:200] for name in ("title", "kind", "visibility", "area") if request.GET.get(name)}
