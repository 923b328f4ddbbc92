"""Forms of a registration: number and address, the code, name and password."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.forms import NewPasswordForm
from klarfall.accounts.models import Kind, User
from klarfall.customers.registrations import one_spelling

#: The name goes into mails to other people: nothing in it may become a link or look like an address.
_NO_NAME = re.compile(r"[\x00-\x1f<>@/\\:]|www\.|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", re.IGNORECASE)


class ApplicationForm(forms.Form):
    """Customer number and work e-mail."""

    number = forms.CharField(
        label=_("Customer number"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("Work e-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"})
    )

    def clean_number(self) -> str:
        """As it is kept: without the blanks that people write between digits."""
        return "".join(str(self.cleaned_data["number"]).split())

    def clean_email(self) -> str:
        """In one spelling; this is the address that everything goes on with."""
        try:
            return one_spelling(str(self.cleaned_data["email"]))
        except ValueError:
            raise ValidationError(_("This is no e-mail address.")) from None


class CodeForm(forms.Form):
    """The six digits of the mail."""

    code = forms.CharField(
        label=_("Code from the e-mail"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class DetailsForm(NewPasswordForm):
    """Name and password, each as far as it is asked for."""

    field_order = ("name", "password1", "password2")
    name = forms.CharField(
        label=_("First and last name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )

    def __init__(self, *args: Any, email: str, name: str, asks_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, user=User(email=email, name=name, kind=Kind.CONTACT), **kwargs)
        if name:
            del self.fields["name"]
        if not asks_password:
            del self.fields["password1"], self.fields["password2"]

    def clean_name(self) -> str:
        """A name as people write it."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if _NO_NAME.search(name) or not any(sign.isalpha() for sign in name):
            raise ValidationError(_("Please enter your name."))
        self.user.name = name
        return name
