"""Record a call: find the contact, then write down the request for them."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.customers.models import Contact
from klarfall.desk.forms.call import CallForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.tickets.actions.submit import submit
from klarfall.ui.rendering import SeeOther, page

_MOST = 20


def call(request: HttpRequest) -> HttpResponse:
    """Search by name, customer, number or phone; works with the address alone."""
    query = request.GET.get("q", "").strip()[:80]
    found = find_contacts(query) if query else []
    return page(request, "desk/call/search.html", **shell(scope_of(request)), query=query, found=found)


def find_contacts(query: str) -> list[Any]:
    """Active contacts in whom every word occurs: name, mail, phone, customer's name or number."""
    rows = Contact.objects.filter(is_active=True).select_related("user", "customer")
    for word in query.split():
        rows = rows.filter(
            Q(user__name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(phone__icontains=word)
            | Q(customer__name__icontains=word)
            | Q(customer__number__startswith=word)
        )
    return list(rows.order_by("customer__name", "user__name")[:_MOST])


def call_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The request of one contact."""
    contact = get_object_or_404(Contact.objects.select_related("user", "customer"), pk=pk, is_active=True)
    form = CallForm(request.POST or None, request.FILES or None)
    made: list[Any] = []

    def act() -> None:
        files = form.cleaned_data["attachments"]
        made.append(submit(contact, request=form.request(), files=files, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Recorded. The customer gets the number by mail."))
        return SeeOther(reverse("desk:ticket", args=[made[0].number]))
    status = 422 if form.is_bound else 200
    return page(request, "desk/call/form.html", status=status, **shell(scope_of(request)), contact=contact, form=form)
