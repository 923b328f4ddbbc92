"""People and companies by the beginnings of their words: name, address, number, place; ä, ae and a are one letter."""

import re
from typing import NamedTuple

from django.db import connection

from klarfall.core.search.folding import fold, undotted

#: Of a name that half the world bears so many are looked at; shown are the first by name.
_LOOKED_AT, _SHOWN = 60, 5
_LONGEST, _MOST_WORDS = 80, 8
_BETWEEN = re.compile(r"[\W_]+")
# The same expressions as in the indexes. OFFSET 0: what holds the words is looked up first, whatever follows.
_FIND = f"""
    SELECT * FROM (
        SELECT 'person', k.id, u.name AS name, u.email::text, c.name, '' FROM (
            SELECT id, name, email FROM accounts_user
             WHERE to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || email)) @@ %(words)s::tsquery
               AND kind = 'contact' LIMIT {_LOOKED_AT} OFFSET 0) u
          JOIN customers_contact k ON k.user_id = u.id AND k.is_active JOIN customers_customer c ON c.id = k.customer_id
         ORDER BY u.name, k.id LIMIT {_SHOWN}) people
    UNION ALL SELECT * FROM (
        SELECT 'company', id, name, '', number, city FROM (
            SELECT id, name, number, city FROM customers_customer
             WHERE to_tsvector('simple'::regconfig, klarfall_folded(name || ' ' || number || ' ' || city))
                   @@ %(words)s::tsquery LIMIT {_LOOKED_AT} OFFSET 0) c
         ORDER BY name, id LIMIT {_SHOWN}) companies
"""  # noqa: S608 - made of our own words only


class Person(NamedTuple):
    """An active contact: its id, the person and the customer."""

    pk: int
    name: str
    email: str
    customer: str


class Company(NamedTuple):
    """A customer."""

    pk: int
    name: str
    number: str
    city: str


def people_and_companies(typed: str) -> tuple[list[Person], list[Company]]:
    """Active contacts and customers of whose words all typed ones are beginnings, by name; for staff. One statement."""
    words = _condition(typed)
    if not words:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"words": words})
        rows = cursor.fetchall()
    people = [Person(pk, name, email, customer) for kind, pk, name, email, customer, _ in rows if kind == "person"]
    companies = [Company(pk, name, number, city) for kind, pk, name, _, number, city in rows if kind == "company"]
    return people, companies


def _condition(typed: str) -> str:
    """The typed words as a tsquery; letters and digits only, so nothing of them is an operator."""
    words = _BETWEEN.sub(" ", undotted(fold(typed[:_LONGEST]))).split()[:_MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in words)
