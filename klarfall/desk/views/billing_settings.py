"""What invoices say about vendor and customers, and the VAT rates."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.billing.actions import set_up
from klarfall.billing.invoicing.missing import missing_data
from klarfall.billing.invoicing.parties import profile_now
from klarfall.billing.models import VatRate
from klarfall.customers.models import Customer
from klarfall.desk.access import needs
from klarfall.desk.forms.invoice_data import BuyerForm, SellerForm, VatRateForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page

_HERE = "billing"


@needs("billing.set_up")
def settings(request: HttpRequest) -> HttpResponse:
    """The vendor's invoice data and the VAT rates."""
    form = SellerForm.of(profile_now(), request.POST or None)

    def act() -> None:
        set_up.change_seller(form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:billing-settings"))
    return _settings(request, form, VatRateForm())


def _settings(request: HttpRequest, form: SellerForm, rate_form: VatRateForm) -> HttpResponse:
    return page(
        request,
        "desk/billing/settings.html",
        status=422 if form.is_bound or rate_form.is_bound else 200,
        **shell(scope_of(request), _HERE),
        form=form,
        rate_form=rate_form,
        rates=list(VatRate.objects.order_by("-valid_from")),
        profile=profile_now(),
        missing=missing_data(None),
    )


@needs("billing.set_up")
@require_POST
def vat_rates(request: HttpRequest) -> HttpResponse:
    """Add a VAT rate."""
    form = VatRateForm(request.POST)

    def act() -> None:
        set_up.add_vat_rate(**form.cleaned_data, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("The VAT rate is added."))
        return SeeOther(reverse("desk:billing-settings"))
    return _settings(request, SellerForm.of(profile_now()), form)


@needs("billing.set_up")
def invoice_data(request: HttpRequest, number: str) -> HttpResponse:
    """What invoices say about a customer."""
    customer = get_object_or_404(Customer, number=number)
    form = BuyerForm.of(customer, request.POST or None)

    def act() -> None:
        set_up.change_buyer(customer, data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:customer", args=[customer.number]))
    status = 422 if form.is_bound else 200
    frame = shell(scope_of(request), "customers")
    return page(request, "desk/customer/invoice_data.html", status=status, **frame, customer=customer, form=form)
