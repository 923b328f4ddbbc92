"""Forms around the account: a new password, the request for a link."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.models import User

_NEW = {"autocomplete": "new-password"}


def plain(form: forms.BaseForm) -> forms.BaseForm:
    """A form of allauth without its own hints and placeholders: the page says what there is to say."""
    for field in form.fields.values():
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)
    return form


class ResetRequestForm(forms.Form):
    """Asks for the address to which the link goes."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email", "autofocus": True})
    )

    def clean_email(self) -> str:
        """Addresses are stored in lower case."""
        return str(self.cleaned_data["email"]).lower()


class NewPasswordForm(forms.Form):
    """A new password, typed twice and checked against the rules with the person in mind."""

    password1 = forms.CharField(label=_("Password"), strip=False, max_length=256, widget=forms.PasswordInput(_NEW))
    password2 = forms.CharField(
        label=_("Password again"), strip=False, max_length=256, widget=forms.PasswordInput(_NEW)
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        """Refuses what is too short, too common or too close to name and address."""
        password = str(self.cleaned_data["password1"])
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        values = super().clean() or {}
        first, second = values.get("password1"), values.get("password2")
        if first and second and first != second:
            self.add_error("password2", ValidationError(_("The two passwords are not the same.")))
        return values
