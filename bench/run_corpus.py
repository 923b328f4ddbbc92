"""Fill an empty database for a billing run: N accepted concerns with four time entries each, all of one month.

Rows are made inside PostgreSQL from arithmetic on the concern's number. 2,000 customers, 400 specialists. Of a hundred
concerns ten use up a cap of 45 minutes, ten a cap of 100.00 net, two were stopped at the end, two got goodwill, one was
freed by a later assessment; every tenth is done. Entries last 7 to 24 minutes, the four of a concern a quarter of the
month apart.
"""

from typing import Any

from bench import corpus

CUSTOMERS, AGENTS = 2_000, 400
#: First ids of the specialists of this corpus.
AGENT = corpus.FIRST + 100_000
_SHARED = ("customers", "people", "contacts", "contracts", "contract lines")

STEPS: tuple[tuple[str, str], ...] = (
    *(step for step in corpus.STEPS if step[0] in _SHARED),
    (
        "specialists",
        """
        INSERT INTO accounts_user (id, password, email, name, kind, staff_roles, language, shortcuts, is_active,
               muted_notices, created_at)
        SELECT %(agent)s + p, '!', 's' || p || '@bench.invalid', 'Fachkraft ' || p, 'staff',
               CASE WHEN p = 0 THEN '{billing}'::text[] ELSE '{agent}'::text[] END, 'de', true, true, '{}', now()
          FROM generate_series(0, %(agents)s) p
        """,
    ),
    (
        "plan of the concerns",
        """
        CREATE TEMP TABLE t ON COMMIT DROP AS
        SELECT n AS id, %(first)s + mod(n * 7919, 2000) AS customer, %(first)s + 2 * mod(n * 7919, 2000) AS contact,
               %(agent)s + 1 + mod(n, %(agents)s) AS agent, %(month)s::timestamptz - interval '1 day' AS at,
               mod(n, 100) AS shape
          FROM generate_series(1, %(size)s::bigint) n
        """,
    ),
    (
        "tickets",
        """
        INSERT INTO tickets_ticket (id, customer_id, number, contact_id, title, product_id, impact, tried, channel,
               confidential, submitted_at, terms_id, contract_line_id, calendar_id, status, status_since, assignee_id,
               first_due_at, answered_at, queue_at, offered_at, workaround, resolution_kind, solution, rating_comment,
               changed_at, chain_length, chain_head)
        SELECT id, customer, 100000 + id, contact, 'Anfrage ' || id, %(product)s, 'minor', '', 'portal', false, at,
               %(terms)s, customer, %(calendar)s, 'in_progress', at, agent, at, at, at, at, '', '', '', '', at, 3,
               repeat('0', 64) FROM t
        """,
    ),
    (
        "concerns",
        """
        INSERT INTO tickets_concern (id, customer_id, ticket_id, position, title, scope, status, current_assessment_id,
               wish_open, extension_open, last_fact)
        SELECT id, customer, id, 1, 'Anliegen ' || id, '',
               CASE WHEN shape = 50 THEN 'covered' WHEN shape IN (30, 31) THEN 'stopped'
                    WHEN mod(id, 10) = 9 THEN 'done' ELSE 'accepted' END,
               CASE WHEN shape = 50 THEN %(size)s + id ELSE id END, false, false, 4 FROM t
        """,
    ),
    (
        "texts",
        """
        INSERT INTO tickets_sealedtext (id, customer_id, ticket_id, internal, text, data, salt, commitment)
        SELECT id * 2 + s, customer, id, false, 'Einordnung und Begründung ' || id,
               CASE WHEN s = 1 THEN jsonb_build_object('order_number', 'B-' || id) ELSE '{}' END, repeat('a', 32),
               repeat('b', 64) FROM t, generate_series(0, 1) s
        """,
    ),
    (
        "assessments",
        """
        INSERT INTO tickets_assessment (id, customer_id, ticket_id, concern_id, sequence, fact, outcome, item_id, cause,
               training, "trigger", by_call, sealed_id, assessor_id, published_at)
        SELECT CASE WHEN n = 1 THEN id ELSE %(size)s + id END, customer, id, id, n, CASE WHEN n = 1 THEN 1 ELSE 4 END,
               CASE WHEN n = 1 THEN 'chargeable' ELSE 'covered' END,
               CASE WHEN n = 1 THEN %(item_fee)s ELSE %(item_covered)s END, 'not_relevant', 'unknown', 'initial', false,
               id * 2, agent, CASE WHEN n = 1 THEN at ELSE %(month)s::timestamptz + interval '29 days' END
          FROM t, generate_series(1, 2) n WHERE n = 1 OR shape = 50
        """,
    ),
    (
        "offers",
        """
        INSERT INTO billing_costoffer (id, customer_id, number, ticket_id, concern_id, assessment_id, work_type, rate,
               currency, vat_percent, increment, minimum, estimate_min, estimate_max, cap_minutes, cap_net, lower_caps,
               scope, exclusions, valid_until, language, canonical_text, text_hash, created_by_id, created_at, sent_at,
               status, ended_at, ended_fact, used_minutes)
        SELECT id, customer, 100000 + id, id, id, id, 'support', 132, 'EUR', 19, 15, 15, 60, 90,
               CASE WHEN shape < 10 THEN 45 WHEN shape < 20 THEN NULL ELSE 120 END,
               CASE WHEN shape BETWEEN 10 AND 19 THEN 100 END, '[]', 'Arbeiten wie beschrieben', '',
               (at + interval '14 days')::date, 'de', %(canonical)s,
               encode(sha256(convert_to(%(canonical)s, 'UTF8')), 'hex'), agent, at, at,
               CASE WHEN shape = 50 THEN 'withdrawn' WHEN shape IN (30, 31) THEN 'stopped'
                    WHEN mod(id, 10) = 9 THEN 'completed' ELSE 'accepted' END,
               CASE WHEN shape IN (30, 31, 50) OR mod(id, 10) = 9 THEN %(month)s::timestamptz + interval '29 days' END,
               CASE WHEN shape IN (30, 31, 50) OR mod(id, 10) = 9 THEN 4 END, 0
          FROM t
        """,
    ),
    (
        "decisions",
        """
        INSERT INTO billing_customerdecision (id, customer_id, ticket_id, concern_id, offer_id, contact_id, kind, fact,
               at, channel, alternative, with_article, role_then, text_hash, sealed_id)
        SELECT id, customer, id, id, id, contact, 'accept', 3, at + interval '1 hour', 'portal', '', false,
               'requester', encode(sha256(convert_to(%(canonical)s, 'UTF8')), 'hex'), id * 2 + 1 FROM t
        """,
    ),
    (
        "time entries",
        """
        INSERT INTO billing_timeentry (id, customer_id, ticket_id, concern_id, agent_id, purpose, channel, raw_start,
               raw_end, start, "end", activity, source, status, late_reason, is_late, recorded_at)
        SELECT id * 4 + k, customer, id, id, %(agent)s + 1 + mod(place, %(agents)s), 'work', 'internal', start,
               start + minutes, start, start + minutes, 'Bearbeitung', 'manual', 'recorded', '', false, start + minutes
          FROM (SELECT t.*, k, k * %(size)s + id - 1 AS place,
                       %(month)s::timestamptz + interval '8 hours'
                         + (k * %(size)s + id - 1) / %(agents)s * interval '25 minutes' AS start,
                       (7 + mod(id * 13 + k * 5, 18)) * interval '1 minute' AS minutes
                  FROM t, generate_series(0, 3) k) entry
        """,
    ),
    (
        "stops",
        """
        INSERT INTO billing_stop (id, customer_id, ticket_id, concern_id, contact_id, at, fact)
        SELECT id, customer, id, id, contact, %(month)s::timestamptz + interval '29 days', 4
          FROM t WHERE shape IN (30, 31)
        """,
    ),
    (
        "goodwill",
        """
        INSERT INTO billing_goodwill (id, customer_id, ticket_id, concern_id, minutes, net, reason, granted_by_id,
               granted_at)
        SELECT id, customer, id, id, 10, 0, 'Es hat gedauert', agent, %(month)s::timestamptz + interval '29 days'
          FROM t WHERE shape IN (40, 41)
        """,
    ),
    (
        "events",
        """
        INSERT INTO tickets_ticketevent (id, customer_id, ticket_id, sequence, kind, public, actor_id, at, data,
               previous_hash, hash)
        SELECT id * 8 + e, customer, id, e + 1, kind, true, agent,
               CASE WHEN e = 6 THEN %(month)s::timestamptz + interval '29 days' ELSE at END,
               CASE WHEN kind = 'concern.finish' THEN jsonb_build_object('concern', id, 'to', 'done', 'fact', 4)
                    ELSE jsonb_build_object('concern', id) END, repeat('0', 64), repeat('0', 64)
          FROM t, unnest(ARRAY['ticket.submitted', 'assessment.published', 'decision.made', 'time.recorded',
                               'time.recorded', 'time.recorded', 'concern.finish']) WITH ORDINALITY AS k (kind, place),
               LATERAL (SELECT place - 1 AS e) p
         WHERE kind <> 'concern.finish' OR (mod(id, 10) = 9 AND shape NOT IN (30, 31, 50))
        """,
    ),
    (
        "unbilled",
        """
        INSERT INTO billing_unbilled (customer_id, ticket_id, concern_id, since, version)
        SELECT customer_id, ticket_id, concern_id, min(start), nextval('klarfall_unbilled_version')
          FROM billing_timeentry GROUP BY 1, 2, 3
        """,
    ),
)
_TABLES = (*corpus.TABLES, "billing_stop", "billing_goodwill")


def fill(superuser: Any, size: int, ids: dict[str, Any], progress: Any) -> None:
    """Write the corpus over a superuser's connection to an embedded server made for it, whole or not at all."""
    parameters = {
        "size": size,
        "first": corpus.FIRST,
        "agent": AGENT,
        "agents": AGENTS,
        "month": "2026-09-01 00:00+02",
        "canonical": "Kostenhinweis mit Obergrenze. " * 30,
        **ids,
    }
    with superuser.transaction(), superuser.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no key checks
        for name, statement in STEPS:
            progress(name)
            cursor.execute(statement, parameters)
        for table in _TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
            )
    superuser.execute("VACUUM ANALYZE")
