"""The Helpdesk-Center: its first page and its lists; visitors read what is public."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.portal.help_center import landing
from klarfall.portal.help_list import listing
from klarfall.portal.public import public_page
from klarfall.portal.shell import show


@public_page
def center(request: HttpRequest) -> HttpResponse:
    """Kinds and areas with anything in them, what is new, and what the reader opened last."""
    now = timezone.now()
    return show(request, "portal/help/center.html", here="help", now=now, **landing(request, now))


@public_page
def articles(request: HttpRequest) -> HttpResponse:
    """Articles by kind, product, area and version."""
    now = timezone.now()
    return show(request, "portal/help/list.html", here="help", now=now, **listing(request, now))
