"""Guides that everybody may read: how to register, and how to use the portal (R64, R65)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from klarfall.portal import guides
from klarfall.portal.public import public_page
from klarfall.portal.shell import show

_DAY = 24 * 60 * 60


@public_page
def guide(request: HttpRequest) -> HttpResponse:
    """How to use the portal."""
    return _shown(request, "serviceportal")


@public_page
def registration(request: HttpRequest) -> HttpResponse:
    """How to register, step by step; printable."""
    return _shown(request, "registration", steps=True)


def _shown(request: HttpRequest, name: str, *, steps: bool = False) -> HttpResponse:
    document = guides.guide(name)
    renamed = guides.renamed_terms()
    return show(request, "portal/guide/page.html", here="guide", document=document, renamed=renamed, steps=steps)


@public_page
@cache_control(public=True, max_age=_DAY)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture of a guide."""
    file = guides.picture(name)
    if file is None:
        raise Http404
    return HttpResponse(file.read_bytes(), content_type="image/png")
