"""The product's URLs and the empty view that the others are compared with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def empty(_request: HttpRequest) -> HttpResponse:
    """Answer nothing: what middleware, session and scope cost by themselves."""
    return HttpResponse()


urlpatterns = [path("bench/empty/", empty), path("", include("klarfall.config.urls"))]
