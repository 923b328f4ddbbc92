"""The service catalogue: its versions, the draft, the comparison with the version in force, publication."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import terms as actions
from klarfall.contracts.comparison import Comparison
from klarfall.contracts.content import contents_of, rates_of
from klarfall.contracts.models import TermsVersion, WorkType
from klarfall.contracts.queries import terms_draft, terms_in_force
from klarfall.core.action import Refused
from klarfall.desk import terms_state
from klarfall.desk.access import needs
from klarfall.desk.forms.terms import PublicationForm, RatesForm
from klarfall.desk.refusals import done, refuse
from klarfall.desk.shell import scope_of, shell
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import day
from klarfall.ui.rendering import SeeOther, page

_HERE = "terms"
_NEEDED = "terms.publish"


@needs(_NEEDED)
def versions(request: HttpRequest) -> HttpResponse:
    """All versions; POST begins a draft."""
    now = timezone.now()
    if request.method == "POST":
        try:
            draft = actions.draft_terms(actor=request.user, now=now)
        except Refused as problem:
            messages.warning(request, str(problem))
            return SeeOther(reverse("desk:terms"))
        return SeeOther(reverse("desk:terms-version", args=[draft.number]))
    found = terms_state.versions(now)
    begun = next((one for one in found if one.state == terms_state.DRAFT), None)
    return show(request, "versions.html", versions=found, draft=begun)


@needs(_NEEDED)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: the draft with everything that can be done about it, published ones to read."""
    terms = get_object_or_404(TermsVersion, number=number)
    (content,) = contents_of(terms)
    found = actions.gaps_of(terms, content) if terms.published_at is None else []
    return show(
        request,
        "version.html",
        terms=terms,
        state=terms_state.state_of(terms, terms_in_force(timezone.now())),
        groups=terms_state.groups(content.items, found),
        rates=content.rates,
        gaps=found,
        blocked=any(one.blocking for one in found),
    )


@needs(_NEEDED)
def rates(request: HttpRequest, number: int) -> HttpResponse:
    """The rate card of the draft."""
    draft = draft_or_404(number)
    form = RatesForm(request.POST or None, rates=rates_of(draft))

    def act() -> None:
        actions.change_rates(draft, rates=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:terms-version", args=[number]))
    return show(request, "rates.html", status=422 if form.is_bound else 200, terms=draft, form=form)


@needs(_NEEDED)
def comparison(request: HttpRequest, number: int) -> HttpResponse:
    """A version beside an earlier one: the draft beside the newest that is published, unless another is asked for."""
    terms = get_object_or_404(TermsVersion, number=number)
    base = terms_state.base_of(terms, request.GET.get("with", ""))
    others = TermsVersion.objects.filter(published_at__isnull=False).exclude(pk=terms.pk).order_by("-number")
    difference, _content = terms_state.side_by_side(base, terms)
    return show(request, "comparison.html", terms=terms, base=base, others=list(others), **_words(difference))


def _words(difference: Comparison) -> dict[str, Any]:
    """What the page needs to say a difference in the reader's language."""
    return {
        "difference": difference,
        "label": terms_state.field_label,
        "words": terms_state.mark_words,
        "work_label": lambda code: WorkType(code).label,
    }


@needs(_NEEDED)
def publication(request: HttpRequest, number: int) -> HttpResponse:
    """From when the draft is in force, what changes for whom, and the confirmation."""
    draft, now = draft_or_404(number), timezone.now()
    form = PublicationForm(request.POST or None, initial={"valid_from": draft.valid_from})
    if request.method == "POST" and form.is_valid():
        try:
            first = form.cleaned_data["valid_from"]
            published = actions.publish_terms(draft, valid_from=first, actor=request.user, now=now)
        except Refused as problem:
            refuse(form, problem)
        else:
            values = {"number": published.number, "day": day(published.valid_from)}
            messages.success(request, _("Version %(number)s is published: in force from %(day)s.") % values)
            return SeeOther(reverse("desk:terms"))
    return _publication_page(request, draft, form)


def _publication_page(request: HttpRequest, draft: TermsVersion, form: PublicationForm) -> HttpResponse:
    base = terms_state.base_of(draft)
    difference, content = terms_state.side_by_side(base, draft)
    found = actions.gaps_of(draft, content)
    return show(
        request,
        "publication.html",
        status=422 if form.is_bound else 200,
        terms=draft,
        form=form,
        base=base,
        blocking=[one for one in found if one.blocking],
        warnings=[one for one in found if not one.blocking],
        open_requests=Ticket.objects.exclude(status__in=("closed", "cancelled")).count(),
        **_words(difference),
    )


@needs(_NEEDED)
@require_POST
def discarding(request: HttpRequest, number: int) -> HttpResponse:
    """Throw the draft away."""
    try:
        actions.discard_draft(draft_or_404(number), actor=request.user, now=timezone.now())
    except Refused as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The draft is discarded."))
    return SeeOther(reverse("desk:terms"))


def draft_or_404(number: int) -> TermsVersion:
    """The draft with this number; published versions cannot be changed, so there is no page to change them."""
    draft = terms_draft()
    if draft is None or draft.number != number:
        raise Http404
    return draft


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the catalogue in the shell of the desk."""
    frame = shell(scope_of(request), _HERE)
    return page(request, f"desk/terms/{template}", status=status, **frame, **context)
