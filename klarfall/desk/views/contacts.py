"""Contacts at the desk: add, change, close and reopen them, and write down their trainings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions.trainings import record_training, remove_training
from klarfall.contracts.models import TrainingRecord
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.customers.actions import contacts
from klarfall.customers.actions.invite import invite
from klarfall.customers.colleagues import deputies
from klarfall.customers.forms import ContactForm, NewContactForm, initial_of
from klarfall.customers.models import Contact, Customer
from klarfall.customers.named import nobody_decides, what_it_means
from klarfall.desk.access import needs
from klarfall.desk.forms.customers import TrainingForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.customers import HERE, to_customer
from klarfall.ui.rendering import SeeOther, page


@needs("contact.change")
def new_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Add a contact to a customer, and invite them if wanted."""
    customer = get_object_or_404(Customer, number=number)
    initial = {"roles": ["requester"], "visibility": "own", "invite": True}
    form = NewContactForm(request.POST or None, deputies=deputies(customer.pk), initial=initial)
    who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}

    def act() -> None:
        contact = contacts.add_contact(customer, data=form.given, **who)
        if form.cleaned_data["invite"] and not contact.user.has_usable_password():
            invite(contact, **who)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The contact is added."))
        return to_customer(customer)
    return _show(request, "desk/contact/new.html", form, customer=customer)


@needs("contact.change")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a contact; the trainings beside it."""
    found = _contact(pk)
    form = ContactForm(
        request.POST or None, initial=initial_of(found), deputies=deputies(found.customer_id), contact=found
    )

    def act() -> None:
        contacts.change_contact(found, data=form.given, actor=request.user, now=timezone.now())  # type: ignore[arg-type]

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        warn_if_nobody_decides(request, found.customer)
        return to_customer(found.customer)
    return _contact_page(request, found, form, TrainingForm())


@needs("contact.change")
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what closing means, and close."""
    found = _contact(pk)
    if request.method == "POST":
        try:
            contacts.close_contact(found, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("The access of %(name)s is closed.") % {"name": found.user.name})
            warn_if_nobody_decides(request, found.customer)
        except Refused as problem:
            messages.error(request, str(problem.message))
        return to_customer(found.customer)
    last = nobody_decides(found.customer, local_day(timezone.now()), without=found)
    frame = shell(scope_of(request), HERE)
    return page(request, "desk/contact/closing.html", **frame, contact=found, last=what_it_means() if last else "")


@needs("contact.change")
@require_POST
def reopening(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person work for the customer again."""
    found = _contact(pk)
    try:
        contacts.reopen_contact(found, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("%(name)s has access again.") % {"name": found.user.name})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return to_customer(found.customer)


@needs("customer.change")
@require_POST
def trainings(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a training."""
    found, form = _contact(pk), TrainingForm(request.POST)

    def act() -> None:
        record_training(found, **form.cleaned_data, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("The training is on file."))
        return SeeOther(reverse("desk:contact", args=[found.pk]))
    edit = ContactForm(initial=initial_of(found), deputies=deputies(found.customer_id), contact=found)
    return _contact_page(request, found, edit, form)


@needs("customer.change")
@require_POST
def training_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a training that was written down by mistake."""
    found = get_object_or_404(TrainingRecord, pk=pk)
    remove_training(found, actor=request.user, now=timezone.now())
    messages.success(request, _("The entry is removed."))
    return SeeOther(reverse("desk:contact", args=[found.contact_id]))


def warn_if_nobody_decides(request: HttpRequest, customer: Customer) -> None:
    """Say what it means when the last named person is gone."""
    customer = Customer.objects.get(pk=customer.pk)
    if nobody_decides(customer, local_day(timezone.now())):
        messages.warning(request, what_it_means())


def _contact(pk: int) -> Contact:
    found: Contact = get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)
    return found


def _contact_page(request: HttpRequest, found: Contact, form: ContactForm, training: TrainingForm) -> HttpResponse:
    had = TrainingRecord.objects.filter(contact=found).select_related("product").order_by("-on", "-pk")
    bound = training if training.is_bound else form
    more = {"contact": found, "training_form": training, "trainings": list(had), "bound": bound}
    return _show(request, "desk/contact/page.html", form, **more, status=422 if bound.is_bound else 200)


def _show(request: HttpRequest, template: str, form: Any, *, status: int = 0, **context: Any) -> HttpResponse:
    status = status or (422 if form.is_bound else 200)
    return page(request, template, status=status, **shell(scope_of(request), HERE), form=form, **context)
