"""Customers: look one up, everything that is known of it, add and change it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts import permissions
from klarfall.channels.actions import clear_mail_failure
from klarfall.contracts.actions.installations import record_installation, remove_installation
from klarfall.contracts.models import InstalledVersion
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.customers.actions.customers import add_customer, change_customer
from klarfall.customers.actions.invite import invite
from klarfall.customers.models import Contact, Customer
from klarfall.desk.access import needs
from klarfall.desk.customer_page import customer_page
from klarfall.desk.customer_search import search
from klarfall.desk.forms.customers import CustomerForm, InstallationForm, SearchForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page

HERE = "customers"


def customers(request: HttpRequest) -> HttpResponse:
    """Customers by words, product and order, page by page."""
    form = SearchForm(request.GET)
    found = search(form.chosen, request.GET, local_day(timezone.now()))
    context: dict[str, Any] = {"form": form, "query": form.chosen.get("q", ""), "found": found}
    context["may_customer"] = permissions.may("customer.change", request.user)
    return page(request, "desk/customer/list.html", **shell(scope_of(request), HERE), **context)


def customer(request: HttpRequest, number: str) -> HttpResponse:
    """One customer with its contacts, contracts, installed versions, agreements and trainings."""
    found = get_object_or_404(Customer, number=number)
    frame = shell(scope_of(request), HERE)
    return page(request, "desk/customer/page.html", **frame, **customer_page(request, found, frame["now"]))


@needs("customer.change")
def new_customer(request: HttpRequest) -> HttpResponse:
    """Add a customer."""
    form = CustomerForm.of(Customer(), request.POST or None)
    made: list[Customer] = []

    def act() -> None:
        made.append(add_customer(data=form.given, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The customer is added. Now the contract and the first contact."))
        return to_customer(made[0])
    return _form(request, "desk/customer/facts.html", form, customer=None)


@needs("customer.change")
def customer_facts(request: HttpRequest, number: str) -> HttpResponse:
    """Change what is kept of a customer."""
    found = get_object_or_404(Customer, number=number)
    form = CustomerForm.of(found, request.POST or None)
    changed: list[Customer] = []

    def act() -> None:
        changed.append(change_customer(found, data=form.given, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return to_customer(changed[0])
    return _form(request, "desk/customer/facts.html", form, customer=found)


@needs("customer.change")
def installations(request: HttpRequest, number: str) -> HttpResponse:
    """Write down an installed version."""
    found = get_object_or_404(Customer, number=number)
    form = InstallationForm(request.POST or None)

    def act() -> None:
        version, since = form.cleaned_data["version"], form.cleaned_data["since"]
        given = {"product": version.product, "version": version, "since": since}
        record_installation(found, **given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return to_customer(found)
    return _form(request, "desk/customer/installation.html", form, customer=found)


@needs("customer.change")
@require_POST
def installation_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a version that was written down by mistake."""
    found = get_object_or_404(InstalledVersion.objects.select_related("customer"), pk=pk)
    remove_installation(found, actor=request.user, now=timezone.now())
    messages.success(request, _("The entry is removed."))
    return to_customer(found.customer)


@require_POST
def working_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Mails to this contact arrive again: somebody has asked them."""
    contact = get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)
    try:
        clear_mail_failure(contact, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("Noted: mails to %(name)s arrive again.") % {"name": contact.user.name})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return to_customer(contact.customer)


@require_POST
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite a contact to the portal, or invite again."""
    contact = get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)
    try:
        invite(contact, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("%(name)s gets an invitation by mail.") % {"name": contact.user.name})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return to_customer(contact.customer)


def to_customer(found: Customer) -> HttpResponse:
    """Back to the page of the customer."""
    return SeeOther(reverse("desk:customer", args=[found.number]))


def _form(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return page(request, template, status=status, **shell(scope_of(request), HERE), form=form, **context)
