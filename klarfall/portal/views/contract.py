"""*My contract*: what is agreed, and who does what in the company."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.portal.agreed import companies
from klarfall.portal.offering import offering
from klarfall.portal.shell import show


def contract(request: HttpRequest) -> HttpResponse:
    """Shows the contracts of the person's companies."""
    now = timezone.now()
    terms = offering(now).terms
    return show(
        request, "portal/contract/page.html", here="contract", now=now, companies=companies(request, now), terms=terms
    )
