"""Jobs of the accounts: the mails with the link to a new password and with the invitation of a colleague."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from klarfall.accounts.models import Kind, User
from klarfall.accounts.staff_links import link_of
from klarfall.core import mail
from klarfall.core.isolation import NOBODY, viewing_as
from klarfall.core.jobs import job


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


def reset_link(user: User) -> str:
    """The absolute link to a new password; valid until it is used, the password changes or it is too old."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return f"{settings.BASE_URL}{reverse('account_reset_password_from_key', kwargs=key)}"
