"""*Second factor*: whether it is on, what to do, and the password before it is changed."""

from typing import Any

from allauth.account import views as allauth_views
from django.http import HttpRequest, HttpResponse

from klarfall.accounts.adapter import home_of
from klarfall.accounts.forms import plain
from klarfall.accounts.second_factor import state_of
from klarfall.ui.rendering import page


class PasswordAgain(allauth_views.ReauthenticateView):
    """Asks for the password once more before something about the account is changed."""

    def get_form(self, form_class: Any = None) -> Any:
        """Without allauth's own hints."""
        return plain(super().get_form(form_class))


def second_factor(request: HttpRequest) -> HttpResponse:
    """Says whether it is on, and leads to everything one can do about it."""
    user: Any = request.user
    return page(request, "accounts/second_factor.html", **state_of(user), home_url=home_of(user))
