"""Jobs of the accounts: the mails with the link to a new password and with the invitation of a colleague."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from klarfall.accounts.models import Kind, Tally, User
from klarfall.accounts.staff_links import link_of
from klarfall.core import mail
from klarfall.core.isolation import NOBODY, viewing_as
from klarfall.core.jobs import every, job


@job("accounts.send_reset", queue="mail", retries=7)
def send_reset(*, email: str) -> None:
    """Send the link to a new password, if there is such an account.

    The look-up happens here and not in the request, so that a request for a known address takes
    no longer than one for an unknown address. Accounts without a password wait for an invitation.
    """
    user = User.objects.filter(email=email, is_active=True).exclude(kind="system").first()
    if user is None or not user.has_usable_password():
        return
    with viewing_as(NOBODY):  # the tables of allauth belong to the login role
        link = reset_link(user)
    with translation.override(user.language):
        written = mail.compose("accounts/mails/reset.txt", person=user, link=link)
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


@job("accounts.send_staff_invitation", queue="mail", retries=7)
def send_staff_invitation(*, user_id: int) -> None:
    """Send a new colleague the link to choose a password; nothing once they have one or are gone."""
    user = User.objects.filter(pk=user_id, kind=Kind.STAFF, is_active=True).first()
    if user is None or user.has_usable_password():
        return
    with translation.override(user.language):
        written = mail.compose("accounts/mails/staff_invitation.txt", person=user, link=link_of(user))
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


@job("accounts.tell_second_factor", queue="mail", retries=7)
def tell_second_factor(*, person_id: int, what: str) -> None:
    """Mail a person that their second factor was switched on or off, or that they have new recovery codes."""
    user = User.objects.filter(pk=person_id, is_active=True).first()
    if user is None:
        return
    with translation.override(user.language):
        written = mail.compose("accounts/mails/second_factor.txt", person=user, what=what)
    mail.send(written, mail.Envelope(user.email, user.name, mail.new_message_id()))


@job("accounts.forget")
def forget(*, person_id: int) -> None:
    """Take the second factor of an erased person away (INV-29)."""
    with viewing_as(NOBODY):  # the tables of allauth belong to the login role
        Authenticator.objects.filter(user_id=person_id).delete()


@every("47 2 * * *")
@job("accounts.sweep_tallies")
def sweep_tallies() -> None:
    """Delete counters of attempts whose longest window is over."""
    with viewing_as(NOBODY):  # only the login role deletes here
        Tally.objects.filter(since__lt=timezone.now() - timedelta(days=2)).delete()


def reset_link(user: User) -> str:
    """The absolute link to a new password; valid until it is used, the password changes or it is too old."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return f"{settings.BASE_URL}{reverse('account_reset_password_from_key', kwargs=key)}"
