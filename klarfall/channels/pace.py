"""How fast mails go out: so many a minute to one domain, and none while its server, or ours, asks us to wait.

Counted in the database, for all workers together. A mail that has to wait takes no attempt: its job is put off to a
minute in which a place is kept for it, so that a thousand mails to one domain are looked at twice each.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q

from klarfall.channels.models import MailDomain, Notice

#: The row of our own mail server.
_OURS = ""
_MINUTE = timedelta(minutes=1)
#: The first pause, which doubles each time, and the longest one.
_PAUSES = {True: (timedelta(seconds=15), timedelta(minutes=10)), False: (timedelta(minutes=5), timedelta(hours=4))}
_SHOWN_AFTER = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=2)
_KEY = "klarfall.channels.mail_server_failing"
_SECONDS = 30


@dataclass(frozen=True)
class Later:
    """When a mail may go out; `placed` where a place in that minute is kept for it."""

    at: datetime
    placed: bool


@dataclass(frozen=True)
class Failing:
    """Our mail server takes no mails."""

    since: datetime
    error: str


def domain_of(address: str) -> str:
    """The domain of an address in small letters, as it is counted."""
    return address.rpartition("@")[2].strip().lower()[:253] or "?"


def turn(address: str, *, placed: bool, now: datetime) -> Later | None:
    """May a mail to this address go out now? None for yes; otherwise when. Keeps a place, in a short transaction."""
    ours = MailDomain.objects.filter(domain=_OURS, held_until__gt=now).first()
    if ours is not None and ours.held_until is not None:
        return Later(ours.held_until, placed)
    row = _locked(domain_of(address), now)
    held = row.held_until is not None and row.held_until > now
    if placed and not held:
        return None
    earliest = row.held_until if held and row.held_until else now
    minute = _place(row, earliest, now)
    return Later(max(minute, earliest), placed=True) if minute > now or held else None


def _place(row: MailDomain, earliest: datetime, now: datetime) -> datetime:
    """Keep a place in the first minute from then on that has one; returns its beginning."""
    minute = earliest.replace(second=0, microsecond=0)
    if row.minute is not None and row.minute >= minute:
        minute, taken = row.minute, row.taken
    else:
        taken = 0
    if 0 < settings.MAIL_PER_DOMAIN <= taken:
        minute, taken = minute + _MINUTE, 0
    row.minute, row.taken, row.changed_at = minute, taken + 1, now
    row.save(update_fields=["minute", "taken", "changed_at"])
    return minute


def went_out(address: str, *, now: datetime) -> None:
    """A mail to this address was taken: neither our server nor theirs has to be spared any more."""
    rows = MailDomain.objects.filter(domain__in=(_OURS, domain_of(address)))
    spared = rows.filter(Q(failing_since__isnull=False) | Q(failures__gt=0))
    spared.update(failing_since=None, failures=0, held_until=None, error="", changed_at=now)


def spare(address: str, error: str, *, now: datetime) -> datetime:
    """The server of this address asks to come back later; returns when. Pauses grow: 5, 10, 20 minutes … 4 hours."""
    return _hold(_locked(domain_of(address), now), error, now)


def server_failed(error: str, *, now: datetime) -> datetime:
    """Our mail server takes nothing; returns when to try again. Pauses grow: 15, 30, 60 seconds … 10 minutes."""
    row = _locked(_OURS, now)
    row.failing_since = row.failing_since or now
    return _hold(row, error, now)


def _hold(row: MailDomain, error: str, now: datetime) -> datetime:
    if row.held_until is None or row.held_until <= now:  # one failure, however many mails were on their way
        first, longest = _PAUSES[row.domain == _OURS]
        row.held_until = now + min(first * 2 ** min(row.failures, 10), longest)
        row.failures = min(row.failures + 1, 100)
    row.error, row.changed_at = error[:250], now
    row.save()
    until: datetime = row.held_until
    return until


def _locked(domain: str, now: datetime) -> MailDomain:
    rows = MailDomain.objects.select_for_update()
    found = rows.filter(domain=domain).first()
    if found is None:
        MailDomain.objects.bulk_create([MailDomain(domain=domain, changed_at=now)], ignore_conflicts=True)
        found = rows.get(domain=domain)
    return found


def failing(now: datetime) -> Failing | None:
    """Has our mail server been taking nothing for a quarter of an hour while mails wait? Kept for half a minute."""
    kept: tuple[Failing | None] | None = cache.get(_KEY)
    if kept is None:
        kept = (_failing(),)
        cache.set(_KEY, kept, _SECONDS)
    found = kept[0]
    return found if found is not None and found.since <= now - _SHOWN_AFTER else None


def _failing() -> Failing | None:
    row = MailDomain.objects.filter(domain=_OURS, failing_since__isnull=False).first()
    if row is None or row.failing_since is None or not Notice.objects.filter(again_at__isnull=False).exists():
        return None
    return Failing(row.failing_since, row.error)


def forget_quiet_domains(now: datetime) -> None:
    """Domains to which nothing went for days need no row."""
    old = MailDomain.objects.filter(changed_at__lt=now - _FORGOTTEN_AFTER, failing_since__isnull=True)
    old.filter(Q(held_until__isnull=True) | Q(held_until__lt=now)).delete()
