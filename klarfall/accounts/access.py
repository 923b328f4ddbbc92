"""Who reaches which site: staff pages do not exist for contacts, nor portal pages for staff."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from klarfall.accounts.models import Kind
from klarfall.accounts.permissions import StaffRole

#: The mark of a desk view that asks for a permission of its own. Who is nothing but an editor reaches no other one.
GUARDED = "asks_for_permission"

#: First part of a view's module -> who may see it.
_SITES = {"klarfall.desk": Kind.STAFF, "klarfall.portal": Kind.CONTACT}


def turned_away(request: HttpRequest, kind: Kind) -> HttpResponse | None:
    """The way to sign-in where nobody is signed in, None for the right kind, 404 for the wrong one."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.user.kind != kind:
        raise Http404
    return None


def is_only_editor(user: Any) -> bool:
    """Does this person keep the help and nothing else? Then customers' data is none of their business."""
    return list(user.staff_roles) == [StaffRole.EDITOR]


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads to sign-in; a page that fetches a part of itself loads anew, so that no part becomes a sign-in form."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """The answer to whoever is not signed in."""
        if request.method == "GET" and request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return super().handle_no_permission(request, view_func)


class SiteMiddleware:
    """Applies the rule to every view of desk and portal, so that no page can be forgotten.

    Views that need no sign-in (`@login_not_required`) are public and decide for themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Ends the request before the view runs where it is not meant for this person, or for nobody."""
        kind = _SITES.get(".".join(view.__module__.split(".")[:2]))
        if kind is not None and ("\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")):
            raise Http404  # no page makes such an address, and PostgreSQL cannot look a NUL up
        if kind is None or not getattr(view, "login_required", True):
            return None
        answer = turned_away(request, kind)
        if answer is None and kind == Kind.STAFF and is_only_editor(request.user) and not hasattr(view, GUARDED):
            raise Http404
        return answer


def client_address(request: HttpRequest) -> str:
    """The address that attempts are counted by: behind our proxy the one it saw, else the direct one."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    seen: str = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return seen
