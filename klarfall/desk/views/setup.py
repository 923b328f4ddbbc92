"""The wizard of an own house: one page per step, which can be left and taken up again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import Product
from klarfall.contracts.queries import newest_terms
from klarfall.desk import setup as wizard
from klarfall.desk.access import needs
from klarfall.desk.refusals import done
from klarfall.ui.rendering import SeeOther, page


@needs("house.set_up")
def setup(request: HttpRequest) -> HttpResponse:
    """Goes on where the wizard was left."""
    return SeeOther(wizard.first_open().url)


@needs("house.set_up")
def step(request: HttpRequest, step: str) -> HttpResponse:
    """Shows a step and does it."""
    found = wizard.STEPS.get(step)
    if found is None:
        raise Http404
    form = found.form(request.POST if request.method == "POST" else None)

    def act() -> None:
        found.save(form, request.user, timezone.now())  # type: ignore[arg-type]

    if request.method == "POST" and _may(found) and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(found.url if "another" in request.POST else wizard.next_of(step).url)
    return _page(request, found, form)


def _may(found: wizard.Step) -> bool:
    """The last step waits for the ones that are needed."""
    return found.slug != "finish" or not wizard.still_needed(wizard.states())


def _page(request: HttpRequest, found: wizard.Step, form: Any) -> HttpResponse:
    states, last = wizard.states(), found.slug == "finish"
    return page(
        request,
        f"desk/setup/{found.slug}.html",
        status=422 if form.is_bound and form.errors else 200,
        home_url="/desk/",
        step=found,
        form=form,
        steps=wizard.progress(found.slug, states),
        is_done=states[found.slug],
        next_step=wizard.next_of(found.slug),
        before=wizard.before(found.slug),
        there=_there(found.slug),
        needed=wizard.still_needed(states) if last else [],
        comes_next=wizard.what_comes_next() if last else [],
        terms=newest_terms() if found.slug == "catalogue" else None,
    )


def _there(slug: str) -> list[str]:
    """What the house has of the kind already, by name."""
    rows: dict[str, Any] = {"products": Product.objects, "colleagues": User.objects.filter(kind=Kind.STAFF)}
    return [one.name for one in rows[slug].order_by("pk")[:20]] if slug in rows else []
