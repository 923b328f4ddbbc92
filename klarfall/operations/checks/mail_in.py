"""Checks of arriving mail: mailboxes and listeners answer, mail is fetched and filed, somebody reads the rest."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.models import IncomingMail, Mailbox, Outcome
from klarfall.incoming.receiving.errors import code_of, sentence
from klarfall.incoming.receiving.session import open_session
from klarfall.incoming.receiving.sources import Listener
from klarfall.operations.checks.finding import Finding, fault, ok, warning

_LOOKED = timedelta(minutes=15)
_FILED = timedelta(minutes=10)
_MOST_UNASSIGNED, _LONGEST_UNASSIGNED = 50, timedelta(days=3)
_TIMEOUT = 10  # seconds


def check_ways_in(now: object = None) -> Iterator[Finding]:
    """Every mailbox lets us in and opens its folder; every listener greets us. Nothing is fetched or changed."""
    if not settings.MAIL_IN and not _listeners():
        yield ok(_("No mail is received: neither a mailbox nor a listener is set."))
    for source in settings.MAIL_IN:
        try:
            open_session(source, only_look=True).close()
        except Exception as problem:
            seen = _("Mailbox %(name)s: %(error)s") % {"name": source.name, "error": sentence(code_of(problem))}
            yield fault(seen, _("Check user, password, host, folder and tls of this mailbox in MAIL_IN."))
        else:
            yield ok(_("Mailbox %(name)s lets us in.") % {"name": source.name})
    for name, listener in _listeners():
        if _greets(listener):
            yield ok(_("%(setting)s answers.") % {"setting": name})
        else:
            seen = _("Nobody answers at %(setting)s.") % {"setting": f"{name} ({listener})"}
            yield fault(seen, _("Does `manage.py serve` run, and is the port free? Its log says more."))


def _listeners() -> list[tuple[str, Listener]]:
    both = (("LMTP_LISTEN", settings.LMTP_LISTEN), ("SMTP_LISTEN", settings.SMTP_LISTEN))
    return [(name, one) for name, one in both if one is not None]


def _greets(listener: Listener) -> bool:
    try:
        if listener.path:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as plain:
                plain.settimeout(_TIMEOUT)
                plain.connect(listener.path)
                return plain.recv(4).startswith(b"220")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listener.host, listener.host)  # noqa: S104 - asked, not bound
        with smtplib.SMTP(host, listener.port, timeout=_TIMEOUT):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def check_mail_in(now: datetime) -> Iterator[Finding]:
    """Mailboxes are looked at, mail is filed, and what could not be assigned does not pile up."""
    with viewing_as(SYSTEM):
        names = [one.name for one in settings.MAIL_IN]
        rows = {row.name: row for row in Mailbox.objects.filter(name__in=names)}
        waiting, unassigned = Q(outcome=Outcome.WAITING), Q(outcome=Outcome.QUARANTINE)
        found = IncomingMail.objects.filter(waiting | unassigned).aggregate(
            waiting=Count("pk", filter=waiting & Q(received_at__lt=now - _FILED)),
            unassigned=Count("pk", filter=unassigned),
            oldest=Min("received_at", filter=unassigned),
        )
    yield from _fetching(rows, now)
    if found["waiting"]:
        seen = _("Mails that have been waiting for more than ten minutes to be filed: %(count)s.")
        advice = _("Does a job worker live? Desk, Operation: look for failed jobs.")
        yield fault(seen % {"count": found["waiting"]}, advice)
    else:
        yield ok(_("All mails that have arrived are filed."))
    if found["unassigned"] > _MOST_UNASSIGNED or (found["oldest"] and now - found["oldest"] > _LONGEST_UNASSIGNED):
        seen = _("Mails that belong to nobody yet lie unread: more than fifty, or one for more than three days.")
        yield warning(seen, _("Assign or reject them at the desk, and block senders of spam."))


def _fetching(rows: dict[str, Mailbox], now: datetime) -> Iterator[Finding]:
    for source in settings.MAIL_IN:
        row = rows.get(source.name)
        names = {"name": source.name}
        stale = row is None or row.looked_at is None or now - row.looked_at > _LOOKED
        if row is not None and row.error:
            seen = _("Mailbox %(name)s: %(error)s") % (names | {"error": sentence(row.error)})
            advice = _("It is tried again by itself; if that lasts, check this mailbox in MAIL_IN and on its server.")
            yield fault(seen, advice) if stale else warning(seen, advice)
        elif stale:
            seen = _("Mailbox %(name)s was not looked at for 15 minutes.") % names
            yield fault(seen, _("Does `manage.py serve` run? Its log says more."))
        else:
            yield ok(_("Mailbox %(name)s is fetched.") % names)
