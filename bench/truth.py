"""What the corpus must be: its figures, and the proof that the product itself would have accepted its rows."""

from typing import Any

from bench.corpus import TABLES

_FIGURES = """
    SELECT count(*) AS tickets,
           (SELECT count(*) FROM tickets_message) AS messages,
           (SELECT avg(octet_length(text))
              FROM tickets_message m JOIN tickets_sealedtext s ON s.id = sealed_id) AS bytes,
           (SELECT count(DISTINCT ticket_id) FROM tickets_sealedtext WHERE text ~ '\\mRechnung\\M') AS common,
           (SELECT count(DISTINCT ticket_id) FROM tickets_sealedtext WHERE text ~ '\\mZaunkönig\\M') AS rare,
           count(DISTINCT customer_id) AS active_customers,
           (SELECT count(*) FROM customers_customer) AS customers,
           (SELECT count(*) FROM accounts_user WHERE kind = 'staff') AS agents,
           count(DISTINCT area_id) AS areas,
           count(*) FILTER (WHERE status IN ('new', 'in_review')) AS unassessed,
           count(*) FILTER (WHERE status LIKE 'waiting%%') AS waiting,
           extract(epoch FROM max(submitted_at) - min(submitted_at)) / 86400 AS days
      FROM tickets_ticket WHERE id <= %(size)s
"""

_BIRTH = """
    SELECT tgname FROM pg_trigger
     WHERE tgrelid = %s::regclass AND (tgname = 'status_guard' OR tgname LIKE 'pgtrigger_decision_is_true%%')
"""


def figures(superuser: Any, size: int) -> dict[str, float]:
    """The figures of the shape in docs/performance.md, counted in the database."""
    cursor = superuser.execute(_FIGURES, {"size": size})
    names = [column.name for column in cursor.description]
    return dict(zip(names, map(float, cursor.fetchone()), strict=True))


def prove(superuser: Any) -> None:
    """Write every row of the corpus a second time, now with keys, triggers and constraints; raises what they say.

    Two guards are off, because rows of a corpus are born in the state in which they are: that of the states, and the
    one that wants a decision while its offer waits, by the person who is acting. Nothing is kept.
    """
    with superuser.transaction(force_rollback=True):
        for table in TABLES:
            superuser.execute(f"CREATE TEMP TABLE again_{table} ON COMMIT DROP AS SELECT * FROM {table}")
            for (name,) in superuser.execute(_BIRTH, [table]).fetchall():
                superuser.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
        superuser.execute("SET LOCAL session_replication_role = replica")
        for table in reversed(TABLES):
            superuser.execute(f"DELETE FROM {table}")
        superuser.execute("SET LOCAL session_replication_role = origin")
        for table in TABLES:
            superuser.execute(f"INSERT INTO {table} SELECT * FROM again_{table}")
        superuser.execute("SET CONSTRAINTS ALL IMMEDIATE")
