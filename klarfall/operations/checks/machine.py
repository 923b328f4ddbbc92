"""Checks of this machine: disk, clock, time zones, private files, documents."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typst
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from klarfall.billing import typefaces
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations.checks.finding import Finding, fault, ok, warning
from klarfall.service_levels.models import ServiceCalendar

_GB = 1_000_000_000
_FULL, _NEARLY = 1 * _GB, 5 * _GB
_FEW, _FEWER = 0.1, 0.01  # share of free inodes
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex
_SHORTEST_KEY = 32
_ENVIRONMENT = (Path("/etc/klarfall.env"), Path("/etc/klarfall-owner.env"))
_OTHERS = 0o077


def check_disk(now: object = None) -> Iterator[Finding]:
    """There is room, and there are inodes, where we write."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    seen = _("%(free)s GB are free at DATA_DIR.") % {"free": number_format(free / _GB, 1)}
    advice = _("Make room: older backups elsewhere, a larger disk.")
    yield fault(seen, advice) if free < _FULL else warning(seen, advice) if free < _NEARLY else ok(seen)
    facts = os.statvfs(settings.DATA_DIR)
    share = facts.f_favail / facts.f_files if facts.f_files else 1.0
    if share < _FEW:
        seen = _("%(percent)s %% of the inodes at DATA_DIR are free.") % {"percent": f"{share * 100:.0f}"}
        advice = _("Too many small files on this disk: remove some, or take a larger file system.")
        yield fault(seen, advice) if share < _FEWER else warning(seen, advice)


def check_clock(now: object = None) -> Iterator[Finding]:
    """The kernel's clock follows a time server, as far as that can be read."""
    match clock_state():
        case None:
            yield ok(_("Whether the clock follows a time server cannot be read here."))
        case number if number == _UNSYNCHRONISED:
            seen = _("The clock of this machine does not follow a time server.")
            yield warning(seen, _("Switch on systemd-timesyncd or chrony: deadlines and proofs depend on it."))
        case _following:
            yield ok(_("The clock follows a time server."))


def clock_state() -> int | None:
    """What adjtimex says about the clock; None where it may not be asked."""
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))  # all zero: only asks
    except (OSError, AttributeError):
        return None
    return state if state >= 0 else None


def check_time_zones(now: object = None) -> Iterator[Finding]:
    """The zones that vendor and calendars name are known here."""
    with viewing_as(SYSTEM):
        zones = {
            vendor.current().time_zone,
            settings.TIME_ZONE,
            *ServiceCalendar.objects.values_list("zone", flat=True),
        }
    unknown = sorted(zone for zone in zones if not _is_known(zone))
    if unknown:
        seen = _("Unknown time zones: %(zones)s.") % {"zones": ", ".join(unknown)}
        yield fault(seen, _("Choose another zone in the service hours, or run `bin/setup` again (package tzdata)."))
    else:
        yield ok(_("All time zones are known."))


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_secrets(now: object = None) -> Iterator[Finding]:
    """Nobody else on this machine reads our keys and passwords."""
    files = [settings.DATA_DIR / "secrets.json", *_ENVIRONMENT]
    open_ = [str(one) for one in files if one.exists() and one.stat().st_mode & _OTHERS]
    if open_:
        seen = _("Others on this machine may read %(files)s.") % {"files": ", ".join(open_)}
        yield fault(seen, _("chmod 600, then draw the secrets in it anew: they may be known."))
    if len(settings.SECRET_KEY) < _SHORTEST_KEY:
        seen = _("SECRET_KEY is too short: %(count)s signs.") % {"count": len(settings.SECRET_KEY)}
        yield fault(seen, _("Draw one of at least 50 random signs; everybody has to sign in again."))
    elif not open_:
        yield ok(_("Keys and passwords are ours alone."))


def check_documents(now: object = None) -> Iterator[Finding]:
    """Documents can be set: typst works and the typeface is there."""
    text = b'#set text(font: "Source Sans Pro", fallback: false)\nGr\xc3\xb6\xc3\x9fe'
    try:
        pdf = typst.compile(text, font_paths=[typefaces.folder()], ignore_system_fonts=True)  # type: ignore[misc]
        works = isinstance(pdf, bytes) and b"SourceSans" in pdf  # the typeface is embedded by its name
    except (OSError, RuntimeError, ValueError, typefaces.TypefaceMissing):
        works = False
    if works:
        yield ok(_("Service records and invoices can be set."))
    else:
        yield fault(_("Documents cannot be set: typst or the typeface is missing."), _("Run `bin/setup` again."))
