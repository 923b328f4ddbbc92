"""Contracts at the desk: add and change them and their lines."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.contracts.actions import contracts
from klarfall.contracts.agreements import agreements
from klarfall.contracts.models import Contract, ContractLine
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.customers.models import Customer
from klarfall.desk.access import needs
from klarfall.desk.forms.customers import ContractForm, LineForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.customers import HERE
from klarfall.ui.rendering import SeeOther, page


@needs("contract.change")
def new_contract(request: HttpRequest, number: str) -> HttpResponse:
    """Add a contract; its lines follow on its own page."""
    customer = get_object_or_404(Customer, number=number)
    form = ContractForm(request.POST or None)
    made: list[Contract] = []

    def act() -> None:
        made.append(contracts.add_contract(customer, data=form.given, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The contract is added. Now its products."))
        return _to(made[0].pk)
    frame = shell(scope_of(request), HERE)
    return page(request, "desk/contract/new.html", status=_status(form), **frame, form=form, customer=customer)


@needs("contract.change")
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a contract; its lines beside it."""
    found = _contract(pk)
    form = ContractForm.of(found, request.POST or None)

    def act() -> None:
        contracts.change_contract(found, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return _to(found.pk)
    return _contract_page(request, found, form, None)


@needs("contract.change")
@require_POST
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a product under the contract."""
    found, form = _contract(pk), LineForm(request.POST)

    def act() -> None:
        contracts.add_line(found, data=form.given, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("The product is under the contract."))
        return _to(found.pk)
    return _contract_page(request, found, ContractForm.of(found), form)


@needs("contract.change")
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Change service hours and ways of contact of a line."""
    found = _line(pk)
    form = LineForm(request.POST or None, line=found)

    def act() -> None:
        contracts.change_line(found, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return _to(found.contract_id)
    frame = shell(scope_of(request), HERE)
    return page(request, "desk/contract/line.html", status=_status(form), **frame, form=form, line=found)


@needs("contract.change")
@require_POST
def line_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a line that no request refers to."""
    found = _line(pk)
    try:
        contracts.remove_line(found, actor=request.user, now=timezone.now())
        messages.success(request, _("The product is no longer under the contract."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return _to(found.contract_id)


def _contract(pk: int) -> Contract:
    found: Contract = get_object_or_404(Contract.objects.select_related("customer"), pk=pk)
    return found


def _line(pk: int) -> ContractLine:
    rows = ContractLine.objects.select_related("customer", "contract", "product", "calendar")
    found: ContractLine = get_object_or_404(rows, pk=pk)
    return found


def _to(pk: int) -> HttpResponse:
    return SeeOther(reverse("desk:contract", args=[pk]))


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200


def _contract_page(request: HttpRequest, found: Contract, form: ContractForm, wrong: LineForm | None) -> HttpResponse:
    today = local_day(timezone.now())
    shown = next(one for one in agreements([found.customer_id], today) if one.contract.pk == found.pk)
    taken = [one.line.product_id for one in shown.lines]
    return page(
        request,
        "desk/contract/page.html",
        status=_status(wrong or form),
        **shell(scope_of(request), HERE),
        contract=found,
        term=shown.term,
        lines=shown.lines,
        form=form,
        line_form=wrong or LineForm(taken=taken),
    )
