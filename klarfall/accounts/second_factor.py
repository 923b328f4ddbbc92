"""The second factor: optional, an app that shows codes, with recovery codes; limits hold for all processes."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from klarfall.accounts.forms import plain
from klarfall.accounts.limits import Limit, allows
from klarfall.accounts.models import User
from klarfall.core import vendor

#: Six digits, tried ten times in a quarter of an hour: guessing takes years.
_TRIES = Limit("second_factor", 10, timedelta(minutes=15))
#: Each code of the app counts once, in whatever process it comes in.
_USED = Limit("second_factor.used", 1, timedelta(days=1))


class Adapter(DefaultMFAAdapter):
    """Our words; named in settings.MFA_ADAPTER."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Please take the one that the app shows now."),
    }

    def get_totp_issuer(self) -> str:
        """What the app shows above the code."""
        return str(vendor.current().name)


class _Counted:
    """Counts what is typed for a person before it is compared."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = plain(self).fields["code"]  # type: ignore[arg-type]
        code.label = _("Security code")
        code.widget.attrs |= {"inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        """Refuses after too many attempts, and a code that was used."""
        now = timezone.now()
        if not allows(_TRIES, str(self.user.pk), now=now):
            raise ValidationError(_("Too many attempts. Please wait a few minutes."))
        code: str = super().clean_code()  # type: ignore[misc]
        kind = getattr(getattr(self, "authenticator", None), "type", Authenticator.Type.TOTP)
        if kind == Authenticator.Type.TOTP and not allows(_USED, f"{self.user.pk}:{code}", now=now):
            raise ValidationError(_("This code was used already. Please wait for the next one."))
        return code


class CodeForm(_Counted, AuthenticateForm):
    """The code at sign-in."""


class CodeAgainForm(_Counted, ReauthenticateForm):
    """The code before something about the account is changed."""


class FirstCodeForm(_Counted, ActivateTOTPForm):
    """The code that proves that the app was set up."""


def state_of(user: User) -> dict[str, Any]:
    """Is it on, and how many recovery codes are left? For pages that run with the login role."""
    rows = {row.type: row for row in Authenticator.objects.filter(user=user)}
    codes = rows.get(Authenticator.Type.RECOVERY_CODES)
    return {
        "on": Authenticator.Type.TOTP in rows,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }


def remove(user: User) -> int:
    """Take everything away, for somebody who has lost app and codes; returns how much there was."""
    return int(Authenticator.objects.filter(user=user).delete()[0])
