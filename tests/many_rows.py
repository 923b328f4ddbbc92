"""Thousands of requests for a few seconds: whole tickets of Acme's story, copied inside the database.

Only for looking at plans: copies keep texts and hashes of their original, and no guard of the tables is asked.
"""

from collections.abc import Iterable
from typing import Any

from tests.acme_story import AcmeStory

#: Name in the story -> how often it is copied: most of what a desk keeps has ended long ago.
COPIES = {"closed": 2_600, "solved": 200, "work": 150, "new": 150}
COMPANIES = 150
_STEP = 100_000
_PER_COMPANY = (
    "customers_customer", "accounts_user", "customers_contact", "contracts_contract", "contracts_contractline",
)  # fmt: skip
_PER_TICKET = (
    "tickets_ticket", "tickets_concern", "tickets_sealedtext", "tickets_message", "tickets_attachment",
    "tickets_assessment", "tickets_assessmentbasis", "tickets_ticketevent", "billing_costoffer",
    "billing_customerdecision",
)  # fmt: skip
#: Columns that name a company's row; everything else that is copied with the ticket moves with it.
_OF_COMPANY = {"customer_id", "contact_id", "contract_line_id", "contract_id"}
_OF_TICKET = {
    "id", "number", "ticket_id", "concern_id", "sealed_id", "message_id", "attachment_id", "assessment_id", "offer_id",
    "current_assessment_id", "extends_id",
}  # fmt: skip
_GENERATED = "SELECT column_name FROM information_schema.columns WHERE table_name = '{}' AND is_generated = 'NEVER'"


def multiply(owner: Any, story: AcmeStory) -> None:
    """Write the copies as the owner of the tables, and let the planner know."""
    with owner.transaction():
        for table in (*_PER_COMPANY, *_PER_TICKET):
            owner.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for table in _PER_COMPANY:
            owner.execute(_of_companies(table, _columns(owner, table), story))
        first = 0
        for name, copies in COPIES.items():
            for table in _PER_TICKET:
                columns = _columns(owner, table)
                owner.execute(_of_tickets(table, columns, story.tickets[name].pk, range(first + 1, first + copies + 1)))
            first += copies
    owner.execute("ANALYZE")


def _columns(owner: Any, table: str) -> list[str]:
    return [name for (name,) in owner.execute(_GENERATED.format(table)).fetchall()]


def _of_companies(table: str, columns: Iterable[str], story: AcmeStory) -> str:
    """Acme with Bernd, a hundred and fifty times."""
    bernd = story.cast.bernd
    only = {
        "customers_customer": f"id = {bernd.customer_id}",
        "customers_contact": f"id = {bernd.pk}",
        "accounts_user": f"id = {bernd.user_id}",
    }.get(table, f"customer_id = {bernd.customer_id}")
    moved = {"id", "customer_id", "user_id", "contract_id"}
    texts = {"number", "email"}
    values = [
        f"{name} + n * {_STEP}" if name in moved else f"{name} || '-' || n" if name in texts else f'"{name}"'
        for name in columns
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)}'
        f' FROM "{table}", generate_series(1, {COMPANIES}) n WHERE {only}'
    )


def _of_tickets(table: str, columns: Iterable[str], ticket: int, numbers: range) -> str:
    key = "id" if table == "tickets_ticket" else "ticket_id"
    values = []
    for name in columns:
        if name in _OF_COMPANY:
            values.append(f"{name} + (1 + n % {COMPANIES}) * {_STEP}")
        elif name in _OF_TICKET:
            values.append(f"{name} + n * {_STEP}")
        else:
            values.append(f'"{name}"')
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)}'
        f' FROM "{table}", generate_series({numbers.start}, {numbers.stop - 1}) n WHERE {key} = {ticket}'
    )
