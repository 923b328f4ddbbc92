"""The form of a contact, the same for the desk and for the admin of a company."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.permissions import ContactRole
from klarfall.core.money import parse_amount
from klarfall.customers.actions.contacts import ContactData
from klarfall.customers.models import Contact, Visibility

#: What somebody cannot change about themselves.
_BY_OTHERS = ("roles", "visibility", "release_limit", "release_from", "release_to")


class LimitField(forms.CharField):
    """A net amount in euros as people type it: `500`, `1.250,00 €`; None when left empty."""

    default_error_messages = {"unclear": _("Please write an amount like 50 or 49.90.")}  # noqa: RUF012

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_amount(text) if text else None
        except ValueError:
            raise ValidationError(self.error_messages["unclear"], code="unclear") from None

    def prepare_value(self, value: Any) -> Any:
        """Amounts of ours are shown with cents, in the reader's notation."""
        return number_format(value, 2) if isinstance(value, Decimal) else value


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip


class ContactForm(forms.Form):
    """A contact: `deputies` are who may stand in for them; `own` leaves out what others give."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput({"autocomplete": "off", "type": "tel"})
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=ContactRole.choices,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Please choose at least one role.")},
    )
    release_limit = LimitField(label=_("Cost release up to (net, per concern)"), max_length=20, required=False)
    release_from = _day(_("First day"))
    release_to = _day(_("Last day"))
    visibility = forms.ChoiceField(label=_("Sees"), choices=Visibility.choices, widget=forms.RadioSelect())
    deputy = forms.ChoiceField(label=_("Deputy"), required=False)

    def __init__(
        self,
        *args: Any,
        deputies: Iterable[tuple[Contact, str]],
        contact: Contact | None = None,
        own: bool = False,
        may_rename: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.deputies = {str(one.pk): (one, name) for one, name in deputies if contact is None or one.pk != contact.pk}
        choices = [("", _("nobody")), *((pk, name) for pk, (_one, name) in self.deputies.items())]
        self.fields["deputy"].choices = choices  # type: ignore[attr-defined]
        for name in _BY_OTHERS if own else ():
            del self.fields[name]
        if not may_rename:
            del self.fields["name"]

    @property
    def given(self) -> ContactData:
        """What is to be kept; what the form does not ask stays as it is."""
        values = self.cleaned_data
        return ContactData(
            email=values.get("email") or (self.contact.user.email if self.contact else ""),
            name=values["name"] if "name" in self.fields else self._kept("user").name,
            phone=values["phone"],
            roles=tuple(self._value("roles")),
            visibility=self._value("visibility"),
            deputy=self.deputies[values["deputy"]][0] if values["deputy"] else None,
            release_limit=self._limit(),
            release_from=self._value("release_from"),
            release_to=self._value("release_to"),
        )

    def _limit(self) -> Decimal | None:
        """Without the role there is no limit, whatever stands in its field."""
        limit: Decimal | None = self._value("release_limit")
        return limit if ContactRole.COST_RELEASE in self._value("roles") else None

    def _value(self, name: str) -> Any:
        return self.cleaned_data.get(name) if name in self.fields else self._kept(name)

    def _kept(self, name: str) -> Any:
        return getattr(self.contact, name)


class NewContactForm(ContactForm):
    """A new contact, with the address that identifies the person, invited at once if wanted."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )  # fmt: skip
    invite = forms.BooleanField(label=_("Send the invitation by mail at once"), required=False)
    field_order = ("email", "name")


def initial_of(contact: Contact) -> dict[str, Any]:
    """What the form of a contact starts with; `contact.user` is read."""
    names = ("phone", "roles", "visibility", "release_limit", "release_from", "release_to")
    kept = {name: getattr(contact, name) for name in names}
    return kept | {"name": contact.user.name, "deputy": str(contact.deputy_id or "")}
