"""The wish to be called back: which product, which number, when, and about what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.contracts.models import Product
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.tickets import text

_PHONE = RegexValidator(
    r"^[+(]?[0-9][0-9 ()/.\-]{4,38}$", gettext_lazy("This is no telephone number: digits, spaces, + / - ( ) only.")
)


class CallbackForm(forms.Form):
    """A call back during service hours."""

    contact = forms.ChoiceField(label=gettext_lazy("For which company?"))
    product = forms.ChoiceField(label=gettext_lazy("Product"))
    phone = forms.CharField(
        label=gettext_lazy("Your telephone number"), max_length=40, validators=[_PHONE],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    when = forms.CharField(
        label=gettext_lazy("When does it suit you?"), max_length=120, required=False,
        help_text=gettext_lazy("For example: today until noon. We call during service hours."),
    )  # fmt: skip
    about = forms.CharField(
        label=gettext_lazy("What is it about?"), max_length=text.SHORT, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, contacts: Sequence[Contact], products: Sequence[Product]) -> None:
        own = next((one.phone for one in contacts if one.phone), "")
        super().__init__(data, initial={"phone": own})
        self.contacts, self.products = contacts, products
        for name, choices in (
            ("contact", [(one.pk, one.customer.name) for one in contacts]),
            ("product", [(one.pk, one.name) for one in products]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].widget.choices = choices

    def clean_contact(self) -> Contact:
        """The contact as whom the person asks."""
        return next(one for one in self.contacts if str(one.pk) == self.cleaned_data["contact"])

    def clean_product(self) -> Product:
        """The product itself."""
        return next(one for one in self.products if str(one.pk) == self.cleaned_data["product"])

    @property
    def title(self) -> str:
        """The request's title: the wish and the first line of what it is about."""
        about = self.cleaned_data["about"].strip().splitlines()[0]
        return (_("Call back: %(about)s") % {"about": about})[: text.LINE]

    @property
    def description(self) -> str:
        """The request's text: what it is about, the number and the time."""
        when = self.cleaned_data["when"].strip() or _("any time during service hours")
        values = {"phone": self.cleaned_data["phone"].strip(), "when": when}
        wish = _("Please call me back: %(phone)s, %(when)s.") % values
        return f"{self.cleaned_data['about'].strip()}\n\n{wish}"

    def refuse(self, problem: Refused) -> None:
        """Show why an action refused, above the form."""
        self.add_error(None, str(problem))
