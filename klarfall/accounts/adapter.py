"""How allauth behaves here: no public sign-up, our words, our ways after signing in."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, allows, give_back, neighbourhood
from klarfall.accounts.models import User
from klarfall.core.jobs import enqueue

#: What allauth would say -> what we say; everything else goes unsaid.
_MESSAGES = {
    "account/messages/password_changed.txt": _("Your new password counts from now on."),
    "mfa/messages/totp_activated.txt": _("The second factor is on."),
    "mfa/messages/totp_deactivated.txt": _("The second factor is off."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes."),
}


#: Wrong passwords from one network, whomever they are for; in the database, so that it holds for all processes.
_WRONG = Limit("sign_in.wrong", 30, timedelta(minutes=1))

#: What allauth would mail about the second factor -> what we say (`accounts/mails/second_factor.txt`).
_SECOND_FACTOR = {
    "mfa/email/totp_activated": "on",
    "mfa/email/totp_deactivated": "off",
    "mfa/email/recovery_codes_generated": "codes",
}


class AccountAdapter(DefaultAccountAdapter):
    """Named in settings.ACCOUNT_ADAPTER."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("E-mail address and password do not fit together."),
        "enter_current_password": _("This is not your current password."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes."),
        "rate_limited": _("Too many attempts. Please wait a few minutes."),
        "invalid_password_reset": _("This link is no longer valid."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come by invitation only."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff go to the desk, contacts to the portal."""
        return home_of(request.user)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Right password, closed account: back to sign-in with the reason."""
        messages.error(request, str(self.error_messages["account_inactive"]))
        return redirect("account_login")

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Say only what helps: *You are signed in* is visible anyway."""
        if message_template in _MESSAGES:
            messages.add_message(request, level, str(_MESSAGES[message_template]))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a network with too many wrong passwords; axes counts those of a person, allauth none of ours."""
        if not allows(_WRONG, neighbourhood(client_address(request)), now=timezone.now()):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person of these credentials; a right password is no attempt."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            give_back(_WRONG, neighbourhood(client_address(request)), now=timezone.now())
        return user

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Tell the person by mail what was changed about their sign-in, in case it was somebody else."""
        if what := _SECOND_FACTOR.get(template_prefix):
            enqueue("accounts.tell_second_factor", person_id=user.pk, what=what)


def home_of(user: Any) -> str:
    """The start page of a signed-in user."""
    return "/desk/" if isinstance(user, User) and user.is_staff else "/"


def next_page(request: HttpRequest, user: Any) -> str:
    """Where to go after signing in: the page that was asked for if it is ours and made for this kind of user."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    if not ours or not asked.startswith("/") or asked.startswith("/account/"):
        return home_of(user)
    return asked if asked.startswith("/desk/") == user.is_staff else home_of(user)
