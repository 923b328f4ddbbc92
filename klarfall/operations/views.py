"""Probes for machines: is the process alive, is the house ready, how is it doing. No secrets, no personal data.

`requests.middleware` answers them before any other middleware; the patterns of `urls.py` give them their names.
"""

import secrets
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from klarfall.accounts.access import client_address
from klarfall.operations import metrics, readiness


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; asks nobody else."""
    return _told(JsonResponse({"live": True}))


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """200 if requests can be answered, else 503 with the codes of what is missing (`readiness.REASONS`)."""
    reasons = readiness.missing()
    return _told(JsonResponse({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200))


@login_not_required
def figures(request: HttpRequest) -> HttpResponse:
    """The metrics, for this machine, METRICS_ALLOW or who knows METRICS_TOKEN; for others they do not exist."""
    if not _may_read(request):
        if connection.in_atomic_block:  # asked for past the middleware
            raise Http404
        return HttpResponseNotFound()
    return _told(HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST))


def _may_read(request: HttpRequest) -> bool:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    if expected and kind == "Bearer" and secrets.compare_digest(token.strip().encode(), expected.encode()):
        return True
    if "X-Forwarded-For" in request.headers and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return False  # a proxy of which we know nothing: the address is only its own
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or any(address in ip_network(one, strict=False) for one in settings.METRICS_ALLOW)


def _told(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live/": live,
    "/health/ready/": ready,
    "/metrics": figures,
}
