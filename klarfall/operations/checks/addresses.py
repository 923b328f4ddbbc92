"""Checks of how others reach us: addresses, TLS, proxy, the embedded database."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from klarfall.operations.checks.finding import Finding, fault, ok, warning


def check_addresses(now: object = None) -> Iterator[Finding]:
    """The settings of address, TLS and proxy fit together."""
    found = list(_faults())
    yield from found
    if not found:
        yield ok(_("Klarfall is reached at %(address)s.") % {"address": settings.BASE_URL})


def _faults() -> Iterator[Finding]:
    url = urlsplit(settings.BASE_URL)
    is_local = url.hostname in settings.LOOPBACK
    if settings.DEBUG and not (is_local and settings.HOST in settings.LOOPBACK):
        yield fault(_("DEBUG is on where others can reach us."), _("Remove DEBUG: its error pages show settings."))
    if "*" in settings.ALLOWED_HOSTS:
        yield fault(_("ALLOWED_HOSTS allows every name."), _("Name the hosts: links in mails could be forged."))
    if is_local:
        if settings.HOST not in settings.LOOPBACK:
            seen = _("Others can reach us, but BASE_URL is %(address)s.") % {"address": settings.BASE_URL}
            yield fault(seen, _("Set BASE_URL to the https address that people use."))
        return
    if url.scheme != "https" or not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        seen = _("BASE_URL is %(address)s: passwords would travel unencrypted.") % {"address": settings.BASE_URL}
        yield fault(seen, _("Put a proxy with TLS in front (deploy/) and set BASE_URL to its https address."))
    elif not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        seen = _("BEHIND_PROXY is off: every visitor looks like the proxy.")
        yield warning(seen, _("Set BEHIND_PROXY=yes where a proxy of yours sets the forwarding headers (deploy/)."))
    elif settings.HOST not in settings.LOOPBACK:
        seen = _("The web server listens on %(host)s and believes the forwarding headers.") % {"host": settings.HOST}
        yield warning(
            seen, _("Only the proxy may reach this port: HOST=127.0.0.1, or a firewall, or a private network.")
        )


def check_embedded(now: object = None) -> Iterator[Finding]:
    """The bundled database serves one machine only."""
    if settings.EMBEDDED_DATABASE and not settings.DEMO_ALLOWED:
        seen = _("Others use Klarfall with the bundled database.")
        yield warning(seen, _("Good for one small vendor on one machine. Else set DATABASE_URL to a server (deploy/)."))
    elif settings.EMBEDDED_DATABASE:
        yield ok(_("The bundled database serves this machine only."))
    else:
        yield ok(_("The database is a server of its own."))
