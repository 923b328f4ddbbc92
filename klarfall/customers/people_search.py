"""People and companies by the beginnings of their words: name, address, number, place; ä and ae are one letter."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from klarfall.customers.models import Contact, Customer

#: Of a name that half the world bears so many are looked at.
_LOOKED_AT = 60
_WORDS = """
    (SELECT string_agg(quote_literal(word) || ':*', ' & ')::tsquery
       FROM regexp_split_to_table(btrim(klarfall_folded(%s)), '\\s+') word WHERE word <> '')
"""
# The same expressions as in the indexes of migration 0008.
_USERS = f"""
    SELECT id FROM accounts_user
     WHERE to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || email)) @@ {_WORDS}
       AND kind = 'contact' LIMIT %s
"""  # noqa: S608 - made of our own words only
_CUSTOMERS = f"""
    SELECT id FROM customers_customer
     WHERE to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || number || ' ' || city)) @@ {_WORDS} LIMIT %s
"""  # noqa: S608 - made of our own words only


def people(typed: str, limit: int = 5) -> list[Contact]:
    """Active contacts whose name or address begins with all typed words, by name; for staff. One statement."""
    rows: QuerySet[Any] = Contact.objects.filter(user__in=_ids(_USERS, typed), is_active=True)
    return list(rows.select_related("user", "customer").order_by("user__name", "pk")[:limit])


def companies(typed: str, limit: int = 5) -> list[Customer]:
    """Customers whose name, number or place begins with all typed words, by name; for staff. One statement."""
    return list(Customer.objects.filter(pk__in=_ids(_CUSTOMERS, typed)).order_by("name", "pk")[:limit])


def _ids(statement: str, typed: str) -> RawSQL:
    return RawSQL(statement, [typed[:80], _LOOKED_AT])  # noqa: S611 - values only
