"""Checks of our mail server: greeted, encrypted, signed in (nothing is sent); and whether it takes our mails."""

import smtplib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from klarfall.channels import pace
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations.checks.finding import Finding, fault, ok, warning

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_TIMEOUT = 10  # seconds


def check_mail(now: object = None) -> Iterator[Finding]:
    """The server that EMAIL_URL names would take our mails."""
    if settings.EMAIL_BACKEND != _SMTP:
        if settings.DEMO_ALLOWED:
            yield ok(_("Mails are kept on this machine and sent nowhere: this is not a server."))
        else:
            yield warning(_("Mails are kept and sent nowhere."), _("Set EMAIL_URL to your mail server."))
        return
    try:
        with get_connection(timeout=_TIMEOUT):  # greets, encrypts and signs in
            pass
    except smtplib.SMTPAuthenticationError:
        yield fault(_("The mail server refuses our user or password."), _("Check user and password in EMAIL_URL."))
    except (OSError, smtplib.SMTPException) as problem:
        seen = _("The mail server does not answer as it should: %(error)s.") % {"error": type(problem).__name__}
        yield fault(seen, _("Check host, port and tls in EMAIL_URL, and the firewall."))
    else:
        yield from _encryption()


def check_sending(now: datetime) -> Iterator[Finding]:
    """Our mail server has taken the mails of the last quarter of an hour; none is lost while it does not."""
    with viewing_as(SYSTEM):
        failing = pace.failing(now)
    if failing is None:
        yield ok(_("The mail server takes our mails."))
        return
    minutes = int((now - failing.since).total_seconds() // 60)
    seen = _("The mail server has taken no mail for %(minutes)s min: %(error)s. They wait and are tried again.")
    yield fault(seen % {"minutes": minutes, "error": failing.error}, _("Check the mail server and EMAIL_URL."))


def _encryption() -> Iterator[Finding]:
    if settings.EMAIL_HOST_USER and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        seen = _("We sign in to the mail server without encryption.")
        yield warning(seen, _("Use smtps:// or leave out tls=no in EMAIL_URL."))
    else:
        yield ok(_("The mail server answers and lets us in."))
