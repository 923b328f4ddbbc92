"""Pages around the account that need to know the user only: sign-out, passwords, language, shortcuts."""

from datetime import timedelta
from typing import Any

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from klarfall.accounts.access import client_address
from klarfall.accounts.actions.staff import accept_staff_invitation
from klarfall.accounts.adapter import home_of
from klarfall.accounts.forms import NewPasswordForm, ResetRequestForm, plain
from klarfall.accounts.limits import Limit, all_allow, neighbourhood
from klarfall.accounts.staff_links import invited_by
from klarfall.core.action import Refused
from klarfall.core.jobs import enqueue
from klarfall.ui.rendering import go, page
from klarfall.ui.views import too_many_requests

#: Links to a new password: nobody fills somebody else's mailbox. Counted for unknown addresses as well.
_RESETS = Limit("reset", 5, timedelta(hours=1))
_RESETS_OF_NETWORK = Limit("reset.network", 20, timedelta(minutes=1))


class PasswordChange(allauth_views.PasswordChangeView):
    """A new password for somebody who is signed in and knows the old one."""

    success_url = reverse_lazy("my-details")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who has no password (the people of the demo) has nothing to change."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            messages.info(request, _("This account has no password."))
            return go(request, "my-details")
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        """Without allauth's own hints."""
        return plain(super().get_form(form_class))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the way back."""
        return {**super().get_context_data(**kwargs), "home_url": home_of(self.request.user)}


class PasswordFromLink(allauth_views.PasswordResetFromKeyView):
    """A new password for somebody who opened the link from the mail."""

    success_url = reverse_lazy("account_login")

    def get_form(self, form_class: Any = None) -> Any:
        """Without allauth's own hints."""
        return plain(super().get_form(form_class))


@login_not_required
@sensitive_post_parameters("email")
def password_reset(request: HttpRequest) -> HttpResponse:
    """Asks for the address and has the link sent. The answer never says whether there is such an account."""
    form = ResetRequestForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, "account/password_reset.html", form=form, status=422 if form.errors else 200)
    email = form.cleaned_data["email"]
    counted = [(_RESETS_OF_NETWORK, neighbourhood(client_address(request))), (_RESETS, email)]
    if not all_allow(counted, now=timezone.now()):
        return too_many_requests(request)
    enqueue("accounts.send_reset", email=email)
    return go(request, "account_reset_password_done")


@login_not_required
def password_reset_done(request: HttpRequest) -> HttpResponse:
    """Says that a link is on its way where there is such an account, and what to do if none comes."""
    return page(request, "account/password_reset_done.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def staff_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Lets a new colleague choose a password; opening the link changes nothing."""
    person = invited_by(token)
    if person is None:
        return _private(page(request, "account/staff_invitation.html", person=None, status=410))
    if request.user.is_authenticated and request.user != person:
        return _private(page(request, "account/staff_invitation_other.html", status=409))
    form = NewPasswordForm(request.POST or None, user=person)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return _private(page(request, "account/staff_invitation.html", form=form, person=person, status=status))
    try:
        accept_staff_invitation(token, password=form.cleaned_data["password1"], actor=person, now=timezone.now())
    except Refused:
        return _private(page(request, "account/staff_invitation.html", person=None, status=410))
    messages.success(request, _("Your password is saved. Please sign in."))
    return go(request, "account_login")


def _private(response: HttpResponse) -> HttpResponse:
    # The address holds the token. Not "no-referrer": browsers then send the form with "Origin: null", which is refused.
    response["Referrer-Policy"] = "same-origin"
    return response


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Switches the language at once and remembers it for mails and the next sign-in."""
    response = django_set_language(request)
    chosen = request.POST.get("language", "")
    user = request.user
    if user.is_authenticated and chosen in ("de", "en") and user.language != chosen:
        user.language = chosen
        user.save(update_fields=["language"])
    return response


@require_POST
def set_shortcuts(request: HttpRequest) -> HttpResponse:
    """Switches single-key shortcuts on (`on=1`) or off, for this person on every machine."""
    user: Any = request.user
    user.shortcuts = request.POST.get("on") == "1"
    user.save(update_fields=["shortcuts"])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204)
    return go(request, "my-details")
