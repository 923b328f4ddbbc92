"""The Helpdesk-Center: its first page and its lists; visitors read what is public."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.portal.help_center import landing
from klarfall.portal.help_list import listing
from klarfall.portal.problem_banners import banners_for
from klarfall.portal.public import public_page
from klarfall.portal.shell import is_contact, show


@public_page
def center(request: HttpRequest) -> HttpResponse:
    """Kinds and areas with anything in them, what is new, and what the reader opened last."""
    now = timezone.now()
    context = landing(request, now) | {"problems": banners_for(request, now), "is_contact": is_contact(request)}
    return show(request, "portal/help/center.html", here="help", now=now, **context)


@public_page
def articles(request: HttpRequest) -> HttpResponse:
    """Articles by kind, product, area and version."""
    now = timezone.now()
    return show(request, "portal/help/list.html", here="help", now=now, **listing(request, now))
