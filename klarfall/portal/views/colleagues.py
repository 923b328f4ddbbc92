"""Colleagues: the admin of a company adds, changes, closes and reopens contacts of that company, and of no other."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.actions import contacts
from klarfall.customers.actions.invite import invite
from klarfall.customers.colleagues import MOST, deputies
from klarfall.customers.colleagues import colleague as colleague_of
from klarfall.customers.colleagues import colleagues as colleagues_of
from klarfall.customers.forms import ContactForm, NewContactForm, initial_of
from klarfall.customers.models import Contact, Customer
from klarfall.customers.named import nobody_decides, what_it_means
from klarfall.portal.shell import show, viewer_of
from klarfall.ui.rendering import go

_HERE = "contract"


def colleagues(request: HttpRequest) -> HttpResponse:
    """Lists the people of one company of which the person is admin; `customer` names it where there are several."""
    customer, others = _company(request)
    query = request.GET.get("q", "").strip()[:80]
    people = colleagues_of(customer.pk, query=query)
    today = local_day(timezone.now())
    return show(
        request,
        "portal/colleagues/list.html",
        here=_HERE,
        customer=customer,
        others=others,
        query=query,
        people=people[:MOST],
        more=len(people) > MOST,
        nobody_decides=what_it_means() if nobody_decides(customer, today) else "",
    )


def new_colleague(request: HttpRequest) -> HttpResponse:
    """Adds a colleague, and invites them if wanted."""
    customer, _others = _company(request)
    initial = {"roles": ["requester"], "visibility": "own", "invite": True}
    form = NewContactForm(request.POST or None, deputies=deputies(customer.pk), initial=initial)
    who = _who(request)

    def act() -> None:
        contact = contacts.add_contact(customer, data=form.given, **who)
        if form.cleaned_data["invite"] and not colleague_of(contact).has_account:
            invite(contact, **who)

    if request.method == "POST" and _done(form, act):
        messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
        return _back(request, customer.pk)
    status = 422 if form.is_bound else 200
    return show(request, "portal/colleagues/new.html", here=_HERE, status=status, customer=customer, form=form)


def colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a colleague; of oneself only what is not given by others."""
    found, own = _colleague(request, pk)
    with viewing_as(SYSTEM):
        renamable = contacts.may_rename(found, request.user)  # type: ignore[arg-type]
    form = ContactForm(
        request.POST or None,
        initial=initial_of(found),
        deputies=deputies(found.customer_id),
        contact=found,
        own=own,
        may_rename=renamable,
    )
    if request.method == "POST" and _done(
        form, lambda: contacts.change_contact(found, data=form.given, **_who(request))
    ):
        messages.success(request, _("Saved."))
        _warn(request, found.customer_id)
        return _back(request, found.customer_id)
    status = 422 if form.is_bound else 200
    return show(request, "portal/colleagues/page.html", here=_HERE, status=status, contact=found, form=form, own=own)


def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what closing means, and closes."""
    found, own = _colleague(request, pk)
    if own:
        raise Http404
    if request.method == "POST":
        _try(
            request,
            lambda: contacts.close_contact(found, **_who(request)),
            _("The access of %(name)s is closed.") % {"name": found.user.name},
        )
        _warn(request, found.customer_id)
        return _back(request, found.customer_id)
    last = nobody_decides(found.customer, local_day(timezone.now()), without=found)
    words = what_it_means() if last else ""
    return show(request, "portal/colleagues/closing.html", here=_HERE, contact=found, last=words)


@require_POST
def reopening(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a colleague in again."""
    found, _own = _colleague(request, pk)
    words = _("%(name)s has access again.") % {"name": found.user.name}
    _try(request, lambda: contacts.reopen_contact(found, **_who(request)), words)
    return _back(request, found.customer_id)


@require_POST
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Invites a colleague, or invites again."""
    found, _own = _colleague(request, pk)
    words = _("%(name)s gets an invitation by mail.") % {"name": found.user.name}
    _try(request, lambda: invite(found, **_who(request)), words)
    return _back(request, found.customer_id)


def _company(request: HttpRequest) -> tuple[Customer, list[Customer]]:
    """The company that is meant, and the others of which the person is admin. 404 for everybody else."""
    ids = viewer_of(request).customers_where("is_admin")
    mine = list(Customer.objects.filter(pk__in=ids).order_by("name", "pk"))
    wanted = request.GET.get("customer", "")
    chosen = next((one for one in mine if one.number == wanted), None if wanted else next(iter(mine), None))
    if chosen is None:
        raise Http404
    return chosen, [one for one in mine if one.pk != chosen.pk]


def _colleague(request: HttpRequest, pk: int) -> tuple[Contact, bool]:
    """A contact of a company of which the person is admin, and whether it is the person. 404 for all others."""
    ids = viewer_of(request).customers_where("is_admin")
    get_object_or_404(Contact, pk=pk, customer_id__in=ids)
    with viewing_as(SYSTEM):  # the portal's own sight ends before the address of a person
        found: Contact = Contact.objects.select_related("user", "customer").get(pk=pk)
    return found, found.user_id == request.user.pk


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _done(form: ContactForm, act: Any) -> bool:
    """Does it if the form is valid; a refusal stands in the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
        return False
    return True


def _try(request: HttpRequest, act: Any, words: str) -> None:
    try:
        act()
        messages.success(request, words)
    except Refused as problem:
        messages.error(request, str(problem.message))


def _warn(request: HttpRequest, customer_id: int) -> None:
    """Says what it means when the last named person is gone."""
    if nobody_decides(Customer.objects.get(pk=customer_id), local_day(timezone.now())):
        messages.warning(request, what_it_means())


def _back(request: HttpRequest, customer_id: int) -> HttpResponse:
    number = Customer.objects.values_list("number", flat=True).get(pk=customer_id)
    return go(request, f"{reverse('portal:colleagues')}?{urlencode({'customer': number})}")
