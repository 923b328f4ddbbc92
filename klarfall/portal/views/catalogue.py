"""What support does, for everybody to read: the service catalogue by version, and the questions and answers from it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.contracts.content import items_of
from klarfall.contracts.models import TermsVersion
from klarfall.contracts.queries import terms_in_force
from klarfall.core import vendor
from klarfall.portal import faq as questions
from klarfall.portal.offering import offering
from klarfall.portal.public import public_page
from klarfall.portal.reach import reachable
from klarfall.portal.shell import show


@public_page
def catalogue(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Shows a published version; without a number the one in force."""
    now = timezone.now()
    current = terms_in_force(now)
    published = TermsVersion.objects.filter(published_at__isnull=False)
    terms = get_object_or_404(published, number=number) if number is not None else current
    items = [(one.outcome, questions.service(one)) for one in items_of(terms)] if terms else []
    return show(
        request,
        "portal/catalogue/page.html",
        here="catalogue",
        now=now,
        terms=terms,
        state=_state(terms, current),
        groups=[(title, group, [one for outcome, one in items if outcome == group]) for title, group in _groups()],
        rates=list(terms.rates.order_by("pk")) if terms else [],
        sample=vendor.current().sample_values,
    )


@public_page
def faq(request: HttpRequest) -> HttpResponse:
    """The eight questions about support (R66)."""
    now = timezone.now()
    return show(
        request,
        "portal/catalogue/faq.html",
        here="faq",
        now=now,
        answers=questions.answers(offering(now)),
        contents=questions.contents(),
        reach=reachable(request, now),
        sample=vendor.current().sample_values,
    )


def _state(terms: TermsVersion | None, current: TermsVersion | None) -> str:
    """Is the version shown in force, coming, or an earlier one?"""
    if terms is None or (current is not None and terms.pk == current.pk):
        return "in_force"
    is_later = current is None or (terms.valid_from, terms.number) > (current.valid_from, current.number)
    return "coming" if is_later else "earlier"


def _groups() -> list[tuple[str, str]]:
    return [
        (_("A  Covered by the contract"), "covered"),
        (_("B  Chargeable separately"), "chargeable"),
        (_("C  Not in product support"), "not_offered"),
    ]
