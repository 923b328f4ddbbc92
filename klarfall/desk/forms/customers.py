"""Forms of customers, contracts and installed versions."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from klarfall.contracts.actions.contracts import ContractData, LineData
from klarfall.contracts.models import Contract, ContractLine, Product, ProductVersion
from klarfall.contracts.models.contract import ContractKind
from klarfall.contracts.models.product import ChannelKind
from klarfall.customers.actions.customers import CustomerData
from klarfall.customers.models import Customer, RegistrationPolicy, ReleasePolicy
from klarfall.desk.customer_search import SORTS, product_choices
from klarfall.desk.forms.billing import DayField
from klarfall.service_levels.models import ServiceCalendar

_SORT_NAMES = {"name": _("Name"), "number": _("Customer number"), "newest": _("newest first")}


def _line(label: Any, most: int, *, needed: bool = False, **attrs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=needed, widget=forms.TextInput(attrs))


def _proves_senders() -> bool:
    """Is there a mail server whose word about senders counts?"""
    return bool(getattr(settings, "MAIL_TRUSTED_SERVERS", ()))


class SearchForm(forms.Form):
    """What customers are looked for by; unknown values are left out. It travels in the address."""

    q = forms.CharField(required=False, max_length=80)
    product = forms.ChoiceField(label=_("Product under contract"), required=False)
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=[(key, _SORT_NAMES[key]) for key in SORTS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [("", _("all")), *product_choices()]  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """The valid values that narrow or order something."""
        return {name: value for name, value in self.cleaned_data.items() if value}


class DomainsField(forms.CharField):
    """Mail domains, one per line or separated by commas; gives a tuple."""

    def clean(self, value: Any) -> Any:
        return tuple(str(super().clean(value)).replace(",", " ").replace(";", " ").split())

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class CustomerForm(forms.Form):
    """Everything that is kept of a customer."""

    name = _line(_("Name of the company"), 200, needed=True, autocomplete="off")
    number = _line(_("Customer number"), 20, needed=True, autocomplete="off")
    street = _line(_("Street and number"), 120, autocomplete="off")
    postal_code = _line(_("Postal code"), 12, autocomplete="off")
    city = _line(_("City"), 80, autocomplete="off")
    country = _line(_("Country (two letters)"), 2, needed=True, autocomplete="off")
    vat_id = _line(_("VAT id"), 20, autocomplete="off")
    billing_email = forms.EmailField(label=_("E-mail for invoices"), required=False, max_length=254)
    buyer_reference = _line(_("Buyer reference (Leitweg-ID)"), 80)
    mail_domains = DomainsField(
        label=_("Mail domains of the company"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text=_("One per line. Whoever registers needs an address at one of them."),
    )
    public_domains = forms.BooleanField(label=_("The domain of a public provider is meant"), required=False)
    registration_policy = forms.ChoiceField(
        label=_("Who lets people in who register"), choices=RegistrationPolicy.choices, widget=forms.RadioSelect()
    )
    release_policy = forms.ChoiceField(
        label=_("Who decides about costs"), choices=ReleasePolicy.choices, widget=forms.RadioSelect()
    )
    requires_proved_mail = forms.BooleanField(label=_("Accept mails only from proved senders"), required=False)
    dpa_reference = _line(_("Data-processing agreement"), 120)
    dpa_date = DayField(label=_("Agreed on"), required=False)

    @classmethod
    def of(cls, customer: Customer, data: Any = None) -> "CustomerForm":
        """The form as it stands, or with what was typed."""
        names = [name for name in cls.base_fields if name != "public_domains"]
        form = cls(data, initial={name: getattr(customer, name) for name in names})
        # Without a server whose word counts no mail would ever be proved; what was switched on can be switched off.
        form.fields["requires_proved_mail"].disabled = not (_proves_senders() or customer.requires_proved_mail)
        return form

    @property
    def given(self) -> CustomerData:
        return CustomerData(**self.cleaned_data)


class ContractForm(forms.Form):
    """A contract without its lines."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContractKind.choices)
    number = _line(_("Contract number"), 40, needed=True, autocomplete="off")
    title = _line(_("Own name of the contract"), 80)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"), required=False)
    terminated = forms.BooleanField(label=_("No longer in force"), required=False)

    @classmethod
    def of(cls, contract: Contract, data: Any = None) -> "ContractForm":
        """The form as it stands, or with what was typed."""
        return cls(data, initial={name: getattr(contract, name) for name in cls.base_fields})

    @property
    def given(self) -> ContractData:
        return ContractData(**self.cleaned_data)


class LineForm(forms.Form):
    """A product under a contract; that of an existing line stays."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=_("Please choose")
    )
    calendar = forms.ModelChoiceField(
        label=_("Service hours"), queryset=ServiceCalendar.objects.none(), empty_label=_("Please choose")
    )
    channels = forms.MultipleChoiceField(
        label=_("Ways of contact agreed"),
        choices=ChannelKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, data: Any = None, *, line: ContractLine | None = None, taken: Any = ()) -> None:
        initial: dict[str, Any] = {"channels": ChannelKind.values}
        if line is not None:
            initial = {"calendar": line.calendar_id, "channels": line.channels}
        super().__init__(data, initial=initial)
        self.line = line
        self.fields["calendar"].queryset = ServiceCalendar.objects.order_by("name")  # type: ignore[attr-defined]
        if line is not None:
            del self.fields["product"]
        else:
            offered = Product.objects.filter(active=True).exclude(pk__in=taken)
            self.fields["product"].queryset = offered  # type: ignore[attr-defined]

    @property
    def given(self) -> LineData:
        values = self.cleaned_data
        product = self.line.product if self.line else values["product"]
        return LineData(product=product, calendar=values["calendar"], channels=tuple(values["channels"]))


class VersionSelect(forms.ModelChoiceField):
    """Versions with the names of their products."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.product.name} {obj.name}"


class InstallationForm(forms.Form):
    """Which version runs since when."""

    version = VersionSelect(label=_("Version"), queryset=ProductVersion.objects.none(), empty_label=_("Please choose"))
    since = DayField(label=_("Installed on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = ProductVersion.objects.filter(product__active=True).select_related("product")
        ordered = versions.order_by("product__order", "product__name", "-released_on")
        self.fields["version"].queryset = ordered  # type: ignore[attr-defined]


class TrainingForm(forms.Form):
    """A training that somebody has had."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=_("Please choose")
    )
    topic = _line(_("Topic"), 120, needed=True)
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.all()  # type: ignore[attr-defined]
