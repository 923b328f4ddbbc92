"""Where a typed number leads: a request, customer, contract, invoice or cost notice."""

import re
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.core import vendor

_MOST_DIGITS = 15
_LONGEST = 40
#: By unique keys only, so this costs the same at any size. Columns: what, number, about, the argument of its address.
_NAMED = """
    SELECT 'request', t.number::text, t.title || ' · ' || c.name, t.number::text
      FROM tickets_ticket t JOIN customers_customer c ON c.id = t.customer_id WHERE t.number = %(number)s::bigint
    UNION ALL SELECT 'offer', o.number::text, t.title || ' · ' || c.name, t.number::text
      FROM billing_costoffer o JOIN tickets_ticket t ON t.id = o.ticket_id
      JOIN customers_customer c ON c.id = t.customer_id WHERE o.number = %(number)s::bigint
    UNION ALL SELECT 'customer', number, name, number FROM customers_customer WHERE number = %(word)s
    UNION ALL SELECT 'contract', k.number, c.name, k.id::text
      FROM contracts_contract k JOIN customers_customer c ON c.id = k.customer_id WHERE k.number = %(word)s
    UNION ALL SELECT 'invoice', i.number, c.name, i.serial::text
      FROM billing_invoice i JOIN customers_customer c ON c.id = i.customer_id WHERE i.number = %(word)s
"""


@dataclass(frozen=True)
class Jump:
    """A page that a number names: what it is, its number as it is written, more about it, and its address."""

    what: str
    number: str
    about: str
    url: str
    icon: str


def jumps(typed: str) -> list[Jump]:
    """What a single typed word with a digit names exactly; for staff. One statement."""
    word = typed.strip().lstrip("#")
    if not word or len(word) > _LONGEST or " " in word or not re.search(r"\d", word):
        return []
    prefix = vendor.current().number_prefix
    digits = re.fullmatch(rf"(?:{re.escape(prefix)}-?)?(\d{{1,{_MOST_DIGITS}}})", word, re.IGNORECASE | re.ASCII)
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"number": int(digits[1]) if digits else None, "word": word})
        return [_jump(prefix, *row) for row in cursor.fetchall()]


def _jump(prefix: str, kind: str, number: str, about: str, argument: str) -> Jump:
    name, what, icon = {
        "request": ("desk:ticket", _("Request"), "chat"),
        "offer": ("desk:ticket", _("Cost notice"), "coins"),
        "customer": ("desk:customer", _("Customer"), "building"),
        "contract": ("desk:contract", _("Contract"), "clause"),
        "invoice": ("desk:invoice", _("Invoice"), "file"),
    }[kind]
    written = f"{prefix}-{number}" if kind == "request" else number
    return Jump(what, written, about, reverse(name, args=[argument]), icon)
