"""The page on which a house begins: the vendor's name and its first specialist, signed in at the end."""

from typing import Any

from django import forms
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from klarfall.accounts import founding
from klarfall.accounts.actions.founding import FoundingData, found_house
from klarfall.accounts.forms import NewPasswordForm
from klarfall.accounts.models import Kind, User
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.ui.rendering import SeeOther, page

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_KEY_LENGTH = 200


class FoundingForm(NewPasswordForm):
    """Who the vendor is, and who sits here."""

    vendor_name = forms.CharField(
        label=_("Name of your company"), max_length=120, widget=forms.TextInput({"autocomplete": "organization"})
    )
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your work e-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )
    field_order = ("vendor_name", "name", "email", "password1", "password2")

    def clean_password1(self) -> str:
        """The rules look at name and address, which were typed just above."""
        self.user.name, self.user.email = self.data.get("name", ""), self.data.get("email", "")
        return super().clean_password1()

    @property
    def given(self) -> FoundingData:
        values = self.cleaned_data
        return FoundingData(
            vendor_name=values["vendor_name"],
            name=values["name"],
            email=values["email"],
            password=values["password1"],
        )


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def house_start(request: HttpRequest) -> HttpResponse:
    """Founds the house; does not exist where somebody is there already, or for whom has no key where one is needed."""
    key = (request.POST.get("key") or request.GET.get("key") or "")[:_KEY_LENGTH]
    if not founding.may_found(key):
        raise Http404
    form = FoundingForm(request.POST or None, user=User(kind=Kind.STAFF))
    if request.method == "POST" and form.is_valid():
        user = _found(form)
        if user is not None:
            auth.login(request, user, backend=_BACKEND)
            return SeeOther("/desk/setup/")
    status = 422 if form.errors else 200
    response = page(request, "accounts/house_start.html", form=form, key=key, status=status)
    response["Referrer-Policy"] = "same-origin"  # the address may hold the key
    return response


def _found(form: Any) -> User | None:
    try:
        with viewing_as(SYSTEM):
            system = User.objects.system()
        return found_house(data=form.given, actor=system, now=timezone.now())
    except Refused as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
        return None
