"""Numbers of invoices without a gap: one after the other, drawn in the transaction that writes the invoice."""

from datetime import date

from django.db import connection
from django.db.models import Max

from klarfall.billing.invoicing.parties import profile_now
from klarfall.billing.models import Invoice

_LOCK = 7_401_003  # advisory lock: one invoice is written at a time, for a sequence would leave gaps after a rollback


def hold() -> None:
    """Let nobody else draw a number until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_LOCK])


def next_serial() -> int:
    """The serial after the last one; only while held. It never starts anew, so that a gap in it is a gap for ever."""
    last: int | None = Invoice.objects.aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def number_of(serial: int, issued_on: date) -> str:
    """`RE-2026-00012`: prefix of the vendor, year of issue, serial."""
    return f"{profile_now().invoice_prefix}{issued_on.year}-{serial:05}"
