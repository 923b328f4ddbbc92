"""The wish to be called back from the contact page: for which company and product, where, when and about what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from klarfall.contracts.models import Product
from klarfall.customers.models import Contact
from klarfall.telephony.forms import SlotForm
from klarfall.telephony.slots import Slot
from klarfall.tickets import text


class CallbackForm(SlotForm):
    """A call back during service hours; it becomes a request, so what it is about is needed."""

    contact = forms.ChoiceField(label=gettext_lazy("For which company?"))
    product = forms.ChoiceField(label=gettext_lazy("Product"))
    field_order = ("contact", "product", "phone", "slot", "about")

    def __init__(
        self,
        data: Any = None,
        *,
        contacts: Sequence[Contact],
        products: Sequence[Product],
        slots: Sequence[Slot],
        now: datetime,
    ) -> None:
        own = next((one.phone for one in contacts if one.phone), "")
        super().__init__(data, initial={"phone": own}, slots=slots, now=now)
        self.contacts, self.products = contacts, products
        self.fields["about"].required = True
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
