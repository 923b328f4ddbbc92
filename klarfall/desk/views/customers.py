"""Customers and their contacts, as far as the desk needs them: look one up, invite to the portal."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts import permissions
from klarfall.core.action import Refused
from klarfall.customers.actions.invite import invite
from klarfall.customers.models import Contact, Customer
from klarfall.desk.paging import PAGE
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page


def customers(request: HttpRequest) -> HttpResponse:
    """Customers by name or number."""
    query = request.GET.get("q", "").strip()[:80]
    rows = Customer.objects.order_by("name", "pk")
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(number__startswith=query))
    found = list(rows[: PAGE + 1])
    return page(
        request,
        "desk/customer/list.html",
        **shell(scope_of(request), "customers"),
        query=query,
        found=found[:PAGE],
        more=len(found) > PAGE,
    )


def customer(request: HttpRequest, number: str) -> HttpResponse:
    """One customer with its contacts."""
    found = get_object_or_404(Customer, number=number)
    contacts = Contact.objects.filter(customer=found).select_related("user").order_by("-is_active", "user__name")
    return page(
        request,
        "desk/customer/page.html",
        **shell(scope_of(request), "customers"),
        customer=found,
        contacts=list(contacts[: 4 * PAGE]),
        may_set_up=permissions.may("billing.set_up", request.user),
    )


@require_POST
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite a contact to the portal, or invite again."""
    contact = get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)
    try:
        invite(contact, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("%(name)s gets an invitation by mail.") % {"name": contact.user.name})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:customer", args=[contact.customer.number]))
