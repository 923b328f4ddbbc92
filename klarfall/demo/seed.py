"""Write the whole demo in one transaction, into an empty embedded database and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import translation

from klarfall.billing.self_audit import audit
from klarfall.core import jobs, vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.numbers import TICKET_NUMBERS
from klarfall.customers.models import Customer
from klarfall.demo.catalogue import seed_kinds, seed_terms
from klarfall.demo.helpdesk import seed_help
from klarfall.demo.people import seed_companies, seed_editors, seed_staff
from klarfall.demo.plan import plan, tickets_before
from klarfall.demo.play import play
from klarfall.demo.scene import Cast, cast_of
from klarfall.demo.schedule import Schedule
from klarfall.demo.stories import MAIN_NUMBER, STORIES
from klarfall.demo.vendor import seed_calendars, seed_products, seed_profile
from klarfall.service_levels.queries import hours_of
from klarfall.tickets.models import Ticket, TicketEvent

_YEAR = timedelta(days=365)


class NoDemoHere(Exception):
    """This database is not one into which demo data may go; the text says why."""


@dataclass(frozen=True)
class Seeded:
    """What was written, for the command's answer."""

    customers: int
    tickets: int


def refuse_elsewhere() -> None:
    """Raise NoDemoHere unless the database is the embedded one and only this machine reaches the pages."""
    if not settings.DEMO_ALLOWED:
        raise NoDemoHere("Demo data is for the embedded database bound to loopback only: unset DATABASE_URL and HOST.")


def is_empty() -> bool:
    """Is there nothing of a vendor and nothing of customers yet?"""
    with viewing_as(SYSTEM):
        return not Customer.objects.exists() and not VendorProfile.objects.exists()


def seed(now: datetime) -> Seeded:
    """Write vendor, people and stories as of `now`; all of it or nothing. Raises NoDemoHere."""
    refuse_elsewhere()
    try:
        with _no_files_left(), translation.override("de"), viewing_as(SYSTEM):
            if not is_empty():
                raise NoDemoHere("The database is not empty: demo data is written once, into an empty database.")
            cast, schedule = _stage(now)
            _play(cast, schedule)
            return Seeded(Customer.objects.count(), Ticket.objects.count())  # of stories, mails and calls
    finally:
        vendor.forget()  # after a failure the cached profile would not exist


def _stage(now: datetime) -> tuple[Cast, Schedule]:
    """The vendor, its calendars and catalogue, and everybody's accounts and contracts."""
    seed_profile()
    calendars = seed_calendars(now)
    products = seed_products(now, calendars)
    begin = now - _YEAR
    terms = seed_terms(products, valid_from=begin.date().replace(day=1), published_at=begin - timedelta(days=40))
    seed_kinds()
    staff = seed_staff()
    contacts = seed_companies(products, calendars, now)
    staff |= seed_editors()
    hours = hours_of(calendars["Produktsupport PowerHaus"])
    return cast_of(contacts, staff, terms), Schedule(now, hours)


def _play(cast: Cast, schedule: Schedule) -> None:
    _begin_numbers_at(MAIN_NUMBER - tickets_before(plan(STORIES, schedule), MAIN_NUMBER))
    play(STORIES, cast, schedule)
    seed_help(cast, schedule.now)
    _keep_recent_mails(schedule)
    audit.run()


def _keep_recent_mails(schedule: Schedule) -> None:
    """Mails about the last two service days and today wait for the worker; nobody needs ten weeks of old ones."""
    since = schedule.at(schedule.service_days[1], "00:00")
    jobs.take_back(
        "channels.fan_out", "event_id", TicketEvent.objects.filter(at__lt=since).values_list("pk", flat=True)
    )


def _begin_numbers_at(number: int) -> None:
    """Draw ticket numbers until `number` is the next one (our role may draw from the sequence, not set it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [TICKET_NUMBERS])
        drawn = cursor.fetchone()[0]
        if drawn < number - 1:
            cursor.execute("SELECT max(nextval(%s)) FROM generate_series(1, %s)", [TICKET_NUMBERS, number - 1 - drawn])


@contextmanager
def _no_files_left() -> Iterator[None]:
    """A transaction takes rows back, not files: delete those that were stored before a failure."""
    before = stored_files()
    try:
        yield
    except BaseException:
        for key in stored_files() - before:
            default_storage.delete(key)
        raise


def stored_files(folder: str = "") -> set[str]:
    """The keys of everything in the private store."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return set()
    found = {str(PurePosixPath(folder) / name) for name in files}
    return found.union(*(stored_files(str(PurePosixPath(folder) / name)) for name in folders))
