"""What surrounds every portal page: navigation, open decisions, service hours now, footer."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.billing.models import CostOffer
from klarfall.billing.status import OfferStatus
from klarfall.contracts.models import ContractLine
from klarfall.core import vendor
from klarfall.core.isolation import Seat, Viewer, ViewerKind
from klarfall.core.prepared import prepared
from klarfall.service_levels.clock import now_at
from klarfall.service_levels.models import ServiceCalendar
from klarfall.service_levels.phrases import now_phrase
from klarfall.service_levels.queries import hours_of
from klarfall.ui.rendering import page

_SECONDS = 30
_MANY = 99


def show(
    request: HttpRequest,
    template: str,
    *,
    here: str = "",
    calendar: ServiceCalendar | None = None,
    part: str | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Returns a portal page inside its shell, or one block of it for htmx. `here` marks the entry of the navigation."""
    context.setdefault("now", timezone.now())
    if "open_count" not in context:
        context["open_count"] = open_decisions() if is_contact(request) else 0
    frame = _frame(request, here, calendar, context["now"], context["open_count"])
    return page(request, template, part=part, status=status, **{**frame, **context})


def is_contact(request: HttpRequest) -> bool:
    """Is this somebody of a customer? Public pages are read by visitors and staff, too."""
    return viewer_of(request).kind is ViewerKind.CONTACT


def is_staff(request: HttpRequest) -> bool:
    """Is this one of us, looking at what everybody reads?"""
    return viewer_of(request).kind is ViewerKind.STAFF


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of the request, as the middleware found it."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def seat_in(request: HttpRequest, customer_id: int) -> Seat | None:
    """As whom the signed-in person acts for a customer."""
    return next((seat for seat in viewer_of(request).seats if seat.customer_id == customer_id), None)


def sees_more_than_own(request: HttpRequest) -> bool:
    """Is there any company all of whose requests this person sees?"""
    return any(seat.sees_all or seat.is_admin for seat in viewer_of(request).seats)


def customers_with_costs(viewer: Viewer) -> list[int]:
    """The companies whose costs the viewer may look at: `costs.view` of accounts/permissions.py, on their seats.

    Cost release counts from its first to its last day; customer admins and billing viewers see all costs.
    """
    return sorted({*viewer.customers_where("sees_costs"), *viewer.customers_where("may_release")})


def open_decisions() -> int:
    """How many cost offers wait for an answer, up to 100; the viewer's scope decides whose."""
    return len(_waiting())


@prepared
def _waiting() -> QuerySet[Any, Any]:
    return CostOffer.objects.filter(status=OfferStatus.SENT).values_list("pk")[: _MANY + 1]


def service_hours(calendar: ServiceCalendar, now: datetime) -> dict[str, Any]:
    """Open or closed now, and until when, for the header."""
    state = now_at(now, hours_of(calendar))
    return {"open": state.is_open, "text": now_phrase(state)}


def own_calendar(request: HttpRequest) -> ServiceCalendar | None:
    """The service hours that count for this person: those of the first product under contract, else the first."""
    ids = viewer_of(request).customer_ids
    key = f"klarfall.portal.calendar.{'-'.join(map(str, ids))}"
    return cache.get_or_set(key, lambda: _first_calendar(ids), _SECONDS)


def _first_calendar(customer_ids: list[int]) -> ServiceCalendar | None:
    lines = ContractLine.objects.filter(customer_id__in=customer_ids).select_related("calendar")
    line = lines.order_by("product__order", "pk").first()
    return line.calendar if line else ServiceCalendar.objects.order_by("pk").first()


def _frame(
    request: HttpRequest, here: str, calendar: ServiceCalendar | None, now: datetime, open_count: int
) -> dict[str, Any]:
    calendar = calendar or own_calendar(request)
    with_costs = bool(customers_with_costs(viewer_of(request)))
    return {
        "home_url": _home_url(request),
        "nav": _navigation(open_count, with_costs=with_costs) if is_contact(request) else _public_navigation(request),
        "here": here,
        "hours": service_hours(calendar, now) if calendar else None,
        "account_links": _account_links(request),
        "footer_links": _footer(),
    }


def _account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """What is about the person, and for the admin of a company about colleagues."""
    own = {"label": _("My details"), "url": reverse("my-details"), "icon": "person"}
    if not viewer_of(request).customers_where("is_admin"):
        return [own]
    return [own, {"label": _("Colleagues"), "url": reverse("portal:colleagues"), "icon": "people"}]


def _footer() -> list[dict[str, Any]]:
    """What everybody can read, at the foot of every page."""
    labels = {**_readable(), "catalogue": _("Service catalogue: what is covered?")}
    return [{"label": label, "url": reverse(f"portal:{name}")} for name, label in labels.items()]


def _readable() -> dict[str, str]:
    """Names and labels of the pages that need no sign-in."""
    return {
        "help": vendor.current().helpdesk_name,
        "catalogue": _("Service catalogue"),
        "faq": _("Questions and answers"),
        "contact": _("How to reach us"),
        "guide": _("Guide"),
    }


def _home_url(request: HttpRequest) -> str:
    """Where the sign at the top leads: the own start page, or the way in."""
    if is_contact(request):
        return reverse("portal:home")
    return "/desk/" if request.user.is_authenticated else reverse("account_login")


def _public_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What visitors can read, and the way in; staff finds back to the desk by the sign."""
    # The guide stands at the foot; six entries leave no room for the service hours.
    shown = {name: label for name, label in _readable().items() if name != "guide"}
    pages = [{"key": name, "label": label, "url": reverse(f"portal:{name}")} for name, label in shown.items()]
    if request.user.is_authenticated:
        return pages
    return [*pages, {"key": "login", "label": _("Sign in"), "url": reverse("account_login")}]


def _navigation(open_count: int, *, with_costs: bool) -> list[dict[str, Any]]:
    count = f"{_MANY}+" if open_count > _MANY else open_count
    return [
        {"key": "home", "label": _("Start"), "url": reverse("portal:home")},
        {"key": "requests", "label": _("Requests"), "url": reverse("portal:requests")},
        {
            "key": "decisions",
            "label": _("Decisions"),
            "url": reverse("portal:decisions"),
            "count": count,
            "count_label": _("open"),
        },
        *([{"key": "costs", "label": _("Costs"), "url": reverse("portal:costs")}] if with_costs else []),
        {"key": "help", "label": vendor.current().helpdesk_name, "url": reverse("portal:help")},
        {"key": "contract", "label": _("My contract"), "url": reverse("portal:contract")},
        {"key": "catalogue", "label": _("Service catalogue"), "url": reverse("portal:catalogue")},
        {"key": "contact", "label": _("How to reach us"), "url": reverse("portal:contact")},
    ]
