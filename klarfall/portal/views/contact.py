"""How to reach us, per product, with service hours."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.portal.reach import reachable
from klarfall.portal.shell import show


def contact(request: HttpRequest) -> HttpResponse:
    """Shows all ways of contact."""
    now = timezone.now()
    return show(request, "portal/contact/page.html", here="contact", now=now, reach=reachable(request, now))
