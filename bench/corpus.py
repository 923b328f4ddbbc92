"""Fill an empty database with N tickets in the shape of docs/performance.md, the same every time.

Rows are made inside PostgreSQL from arithmetic on the ticket's number; no random source. Per ticket: 2.95 messages of
about 640 bytes, one concern, its assessment, every third with a cost offer and decision, a time entry, up to six
events, two notices, here and there an objection. 2,000 customers, 20 agents, 8 areas, 5 % new or in review, 2.2 %
waiting, three years; the first customer sent sixty more requests than its share, so that its pages are full at
every size. *Rechnung* stands in 21 % of the tickets, *Wärmepumpe* in one of 97, *Blitzschutzanlage* in one of 997,
*Zaunkönig* in six.
"""

import json
from typing import Any

from klarfall.core.search.terms import terms_of

#: Ids of customers, contacts, people and contracts begin here, far from those of the demo.
FIRST = 10_000_000
_TEXT = """
    Sollstellung Mieter Vertrag Buchung Konto Betriebskosten Abrechnung Verteilerschlüssel Umlage Objekt Wohnung
    Nebenkosten Zahlung Lastschrift Mahnung Eigentümer Verwalter Beleg Auswertung Stammdaten Import Export Fehler
    Meldung Druck Liste Summe Saldo Periode Monat Jahr Auszug Einzug Kaution Heizung Zähler Stand Rücklage Beschluss
    Kostenart Lieferant Angebot Auftrag Termin Datum Status Maske Eingabe Ausgabe Update Version Server Arbeitsplatz
    zeigt bleibt fehlt erscheint stimmt öffnet speichert ändert bricht nach beim vor seit ohne mit nicht wieder heute
"""
WORDS = _TEXT.split()

#: Words that are looked for, by how often they occur: 21 %, 1 %, 0.1 %, six times.
SOUGHT = {"often": "Rechnung", "seldom": "Wärmepumpe", "hardly": "Blitzschutzanlage", "rare": "Zaunkönig"}

#: Tables whose triggers and key checks would only repeat what the arithmetic guarantees.
STEPS: tuple[tuple[str, str], ...] = (
    (
        "paragraphs",
        """
        CREATE TEMP TABLE paragraph ON COMMIT DROP AS
        SELECT i, string_agg(
                   (%(words)s::text[])[1 + mod(abs(hashint8(i * 131 + g)::bigint), cardinality(%(words)s::text[]))],
                   ' ' ORDER BY g) AS words
          FROM generate_series(0, 4999) i, generate_series(1, 79) g GROUP BY i
        """,
    ),
    (
        "customers",
        """
        INSERT INTO customers_customer (id, number, name, mail_domains, street, postal_code, city, country, vat_id,
               billing_email, buyer_reference, dpa_reference, release_policy, registration_policy,
               requires_proved_mail, created_at)
        SELECT %(first)s + c, 'B' || c, 'Hausverwaltung Nr. ' || c || ' GmbH', '{}', '', '', 'Ort ' || c, 'DE', '', '',
               '', 'AVV', 'every_contact', 'specialist', false, now()
          FROM generate_series(0, 1999) c
        """,
    ),
    (
        "people",
        """
        INSERT INTO accounts_user (id, password, email, name, kind, staff_roles, language, shortcuts, is_active,
               muted_notices, created_at)
        SELECT %(first)s + p, '!', 'p' || p || '@bench.invalid', 'Person ' || p,
               CASE WHEN p < 20 THEN 'staff' ELSE 'contact' END,
               CASE WHEN p < 20 THEN '{agent}'::text[] ELSE '{}'::text[] END, 'de', true, true, '{}', now()
          FROM generate_series(0, 4019) p
        """,
    ),
    (
        "contacts",
        """
        INSERT INTO customers_contact (id, customer_id, user_id, user_kind, roles, visibility, phone, phone_e164,
               mail_failure, is_active, created_at)
        SELECT %(first)s + c, %(first)s + c / 2, %(first)s + 20 + c, 'contact',
               CASE WHEN c %% 2 = 0 THEN '{requester,cost_release,customer_admin}'::text[]
                    ELSE '{requester}'::text[] END,
               CASE WHEN c %% 2 = 0 THEN 'all' ELSE 'own' END, '', '', '', true, now()
          FROM generate_series(0, 3999) c
        """,
    ),
    (
        "contracts",
        """
        INSERT INTO contracts_contract (id, customer_id, kind, number, title, starts_on, terminated)
        SELECT %(first)s + c, %(first)s + c, 'maintenance', 'BV-' || c, '', '2015-01-01', false
          FROM generate_series(0, 1999) c
        """,
    ),
    (
        "contract lines",
        """
        INSERT INTO contracts_contractline (id, customer_id, contract_id, product_id, calendar_id, channels)
        SELECT %(first)s + c, %(first)s + c, %(first)s + c, %(product)s, %(calendar)s, '{portal,phone,email,remote}'
          FROM generate_series(0, 1999) c
        """,
    ),
    (
        "plan of the tickets",
        """
        CREATE TEMP TABLE t ON COMMIT DROP AS
        SELECT n AS id, %(first)s + 2 * c AS contact, %(first)s + c AS customer, at,
               CASE WHEN r < 30 THEN 'new' WHEN r < 50 THEN 'in_review' WHEN r < 62 THEN 'waiting_for_decision'
                    WHEN r < 72 THEN 'waiting_for_customer' WHEN r < 90 THEN 'in_progress'
                    WHEN r < 130 THEN 'resolved' ELSE 'closed' END AS status,
               mod(n, 3) = 0 AS chargeable, %(first)s + mod(n * 7, 20) AS agent
          FROM (SELECT n, CASE WHEN mod(n, greatest(%(size)s / 60, 1)) = 7 THEN 0 ELSE mod(n * 7919, 2000) END AS c,
                       mod(n * 617 + n / 2000 * 379, 1000) AS r,
                       %(now)s::timestamptz
                         - (interval '1 second') * ((%(size)s - n)::numeric * 94608000 / %(size)s) AS at
                  FROM generate_series(1, %(size)s::bigint) n) shape
        """,
    ),
    (
        "tickets",
        """
        INSERT INTO tickets_ticket (id, customer_id, number, contact_id, title, product_id, area_id, kind_id, impact,
               tried, channel, confidential, submitted_at, terms_id, contract_line_id, calendar_id, status,
               status_since, assignee_id, first_due_at, answered_at, due_at, queue_at, offered_at, workaround,
               resolution_kind, solution, resolved_at, rating_comment, changed_at, chain_length, chain_head)
        SELECT id, customer, 100000 + id, contact,
               (SELECT string_agg((%(words)s::text[])[1 + mod(id * g + g, cardinality(%(words)s::text[]))], ' ')
                  FROM unnest(ARRAY[3, 17, 29, 41]) g), %(product)s,
               (%(areas)s::bigint[])[1 + mod(id + id / 2000, 8)],
               (%(kinds)s::bigint[])[1 + mod(id + id / 2000, cardinality(%(kinds)s::bigint[]))],
               (ARRAY['blocked', 'hindered', 'minor'])[1 + mod(id, 3)], '',
               (ARRAY['portal', 'portal', 'email', 'phone'])[1 + mod(id, 4)], false, at, %(terms)s, customer,
               %(calendar)s,
               status, at, CASE WHEN status = 'new' THEN NULL ELSE agent END, at + interval '4 hours',
               CASE WHEN status = 'new' THEN NULL ELSE at + interval '1 hour' END,
               CASE WHEN status IN ('new', 'in_review') THEN at + interval '4 hours' END,
               CASE WHEN status IN ('new', 'in_review') THEN at + interval '4 hours' ELSE at + interval '3650 days' END,
               CASE WHEN chargeable AND status NOT IN ('new', 'in_review') THEN at + interval '2 hours' END, '',
               CASE WHEN status IN ('resolved', 'closed') THEN 'use_clarified' ELSE '' END,
               CASE WHEN status IN ('resolved', 'closed') THEN 'Geklärt.' ELSE '' END,
               CASE WHEN status IN ('resolved', 'closed') THEN at + interval '2 days' END, '', at + interval '2 days',
               6, repeat('0', 64) FROM t
        """,
    ),
    (
        "concerns",
        """
        INSERT INTO tickets_concern (id, customer_id, ticket_id, position, title, scope, status, current_assessment_id,
               wish_open, extension_open, last_fact)
        SELECT id, customer, id, 1, 'Anliegen ' || id, '',
               CASE WHEN status = 'new' THEN 'open' WHEN status = 'in_review' THEN 'in_review'
                    WHEN NOT chargeable THEN CASE WHEN status IN ('resolved', 'closed') THEN 'done' ELSE 'covered' END
                    WHEN status = 'waiting_for_decision' THEN 'offered'
                    WHEN status IN ('resolved', 'closed') THEN 'done' ELSE 'accepted' END,
               CASE WHEN status NOT IN ('new', 'in_review') THEN id END, false, false, 3 FROM t
        """,
    ),
    (
        "message texts",
        """
        INSERT INTO tickets_sealedtext (id, customer_id, ticket_id, internal, text, data, salt, commitment)
        SELECT t.id * 4 + m, customer, t.id, m = 2 AND mod(t.id, 4) = 0,
               words || ' ' || t.id
                 || CASE WHEN m = 0 AND mod(id, 100) < 21 THEN ' Rechnung' ELSE '' END
                 || CASE WHEN m = 0 AND mod(id, greatest(%(size)s / 6, 1)) = 1 AND id <= %(size)s - %(size)s %% 6
                         THEN ' Zaunkönig' ELSE '' END
                 || CASE WHEN m = 0 AND mod(id, 97) = 5 THEN ' Wärmepumpe' ELSE '' END
                 || CASE WHEN m = 0 AND mod(id, 997) = 7 THEN ' Blitzschutzanlage' ELSE '' END,
               '{}', repeat('a', 32), repeat('b', 64)
          FROM t, generate_series(0, 3) m, paragraph
         WHERE i = mod(t.id * 4 + m, 5000)
           AND (m = 3 AND status NOT IN ('new', 'in_review') OR m < 3 AND NOT (m = 2 AND mod(id, 20) = 0))
        """,
    ),
    (
        "messages",
        """
        INSERT INTO tickets_message (id, customer_id, ticket_id, author_id, from_customer, internal, channel, sealed_id,
               mail_id, created_at)
        SELECT s.id, t.customer, t.id, CASE WHEN s.id %% 4 = 0 THEN t.contact + 20 ELSE agent END,
               s.id %% 4 = 0, s.internal, 'portal', s.id, '', at + interval '1 hour' * (s.id %% 4)
          FROM tickets_sealedtext s JOIN t ON t.id = s.ticket_id WHERE s.id %% 4 < 3
        """,
    ),
    (
        "words of the search",
        """
        CREATE TEMP TABLE terms ON COMMIT DROP AS
        SELECT p.i, array_agg(DISTINCT x.term) AS terms
          FROM paragraph p, regexp_split_to_table(p.words, ' ') w
          JOIN jsonb_to_recordset(%(word_terms)s::jsonb) AS x (word text, term text) ON x.word = w GROUP BY p.i
        """,
    ),
    (
        "no index of words while they are written",
        "DROP INDEX desk_words",
    ),
    (
        "words of tickets",
        """
        INSERT INTO tickets_deskwords (customer_id, ticket_id, words)
        SELECT t.customer, t.id, array_to_tsvector(array_agg(DISTINCT one) || ARRAY[
                   t.id::text, (100000 + t.id)::text, '~' || (t.id >> 15),
                   CASE WHEN mod(t.id, 100) < 21 THEN %(often)s ELSE 'x' END,
                   CASE WHEN mod(t.id, greatest(%(size)s / 6, 1)) = 1 AND t.id <= %(size)s - %(size)s %% 6
                        THEN %(rare)s ELSE 'x' END,
                   CASE WHEN mod(t.id, 97) = 5 THEN %(seldom)s ELSE 'x' END,
                   CASE WHEN mod(t.id, 997) = 7 THEN %(hardly)s ELSE 'x' END])
          FROM t, generate_series(0, 2) m, terms, unnest(terms.terms) one
         WHERE terms.i = mod(t.id * 4 + m, 5000) AND NOT (m = 2 AND mod(t.id, 20) = 0) GROUP BY t.customer, t.id
        """,
    ),
    (
        "index of words",
        "CREATE INDEX desk_words ON tickets_deskwords USING gin (words) WITH (fastupdate = off)",
    ),
    (
        "shared words",
        """
        INSERT INTO tickets_sharedwords (customer_id, ticket_id, words)
        SELECT customer_id, ticket_id, words FROM tickets_deskwords
        """,
    ),
    (
        "assessments",
        """
        INSERT INTO tickets_assessment (id, customer_id, ticket_id, concern_id, sequence, fact, outcome, item_id, cause,
               training, "trigger", by_call, sealed_id, assessor_id, published_at)
        SELECT id, customer, id, id, 1, 1, CASE WHEN chargeable THEN 'chargeable' ELSE 'covered' END,
               CASE WHEN chargeable THEN %(item_fee)s ELSE %(item_covered)s END, 'not_relevant', 'unknown', 'initial',
               false, id * 4 + 3, agent, at + interval '1 hour' FROM t WHERE status NOT IN ('new', 'in_review')
        """,
    ),
    (
        "offers",
        """
        INSERT INTO billing_costoffer (id, customer_id, number, ticket_id, concern_id, assessment_id, work_type, rate,
               currency, vat_percent, increment, minimum, estimate_min, estimate_max, cap_minutes, lower_caps, scope,
               exclusions, valid_until, language, canonical_text, text_hash, created_by_id, created_at, sent_at, status,
               used_minutes)
        SELECT id, customer, 100000 + id, id, id, id, 'support', 148, 'EUR', 19, 15, 15, 60, 90, 120,
               '[{"minutes": 60}]', 'Arbeiten wie beschrieben', '', (at + interval '14 days')::date, 'de',
               %(canonical)s, encode(sha256(convert_to(%(canonical)s, 'UTF8')), 'hex'), agent, at + interval '1 hour',
               at + interval '1 hour',
               CASE WHEN status = 'waiting_for_decision' THEN 'sent'
                    WHEN status IN ('resolved', 'closed') THEN 'completed' ELSE 'accepted' END, 0
          FROM t WHERE chargeable AND status NOT IN ('new', 'in_review')
        """,
    ),
    (
        "decision texts",
        """
        INSERT INTO tickets_sealedtext (id, customer_id, ticket_id, internal, text, data, salt, commitment)
        SELECT 4 * (%(size)s + 1) + id, customer, id, false, '', '{}', repeat('a', 32), repeat('b', 64)
          FROM t WHERE chargeable AND status NOT IN ('new', 'in_review', 'waiting_for_decision')
        """,
    ),
    (
        "decisions",
        """
        INSERT INTO billing_customerdecision (id, customer_id, ticket_id, concern_id, offer_id, contact_id, kind, fact,
               at, channel, alternative, with_article, role_then, text_hash, sealed_id)
        SELECT id, customer, id, id, id, contact, 'accept', 2, at + interval '3 hours', 'portal', '', false,
               'requester', encode(sha256(convert_to(%(canonical)s, 'UTF8')), 'hex'), 4 * (%(size)s + 1) + id
          FROM t WHERE chargeable AND status NOT IN ('new', 'in_review', 'waiting_for_decision')
        """,
    ),
    (
        "time entries",
        """
        INSERT INTO billing_timeentry (id, customer_id, ticket_id, concern_id, agent_id, purpose, channel, raw_start,
               raw_end, start, "end", activity, source, status, late_reason, is_late, recorded_at)
        SELECT id, customer, id, id, agent, CASE WHEN chargeable THEN 'work' ELSE 'triage' END, 'internal',
               date_trunc('minute', at + interval '4 hours'), date_trunc('minute', at + interval '4 hours 20 minutes'),
               date_trunc('minute', at + interval '4 hours'), date_trunc('minute', at + interval '4 hours 20 minutes'),
               'Bearbeitung', 'manual', 'recorded', '', false, at + interval '5 hours'
          FROM t WHERE status NOT IN ('new', 'in_review')
        """,
    ),
    (
        "events",
        """
        INSERT INTO tickets_ticketevent (id, customer_id, ticket_id, sequence, kind, public, actor_id, at, data,
               previous_hash, hash)
        SELECT id * 6 + e, customer, id, e + 1, kind, kind <> 'concern.begin_review',
               CASE WHEN kind IN ('ticket.submitted', 'decision.made') THEN contact + 20 ELSE agent END,
               at + interval '1 hour' * e,
               CASE kind WHEN 'ticket.submitted' THEN jsonb_build_object('concern', id, 'message', id * 4)
                         WHEN 'assessment.published' THEN jsonb_build_object('concern', id, 'assessment', id,
                              'outcome', CASE WHEN chargeable THEN 'chargeable' ELSE 'covered' END)
                         WHEN 'offer.send' THEN jsonb_build_object('concern', id, 'offer', id)
                         WHEN 'decision.made' THEN jsonb_build_object('concern', id, 'offer', id)
                         WHEN 'time.recorded' THEN jsonb_build_object('concern', id, 'entry', id)
                         ELSE jsonb_build_object('concern', id) END,
               repeat('0', 64), repeat('0', 64)
          FROM t, LATERAL (SELECT e, CASE WHEN chargeable
                   THEN (ARRAY['ticket.submitted', 'ticket.begin_review', 'assessment.published', 'offer.send',
                               'decision.made', 'time.recorded'])[e + 1]
                   ELSE (ARRAY['ticket.submitted', 'ticket.begin_review', 'concern.begin_review',
                               'assessment.published', 'time.recorded', 'ticket.resolve'])[e + 1] END AS kind
              FROM generate_series(0, 5) e) happened
         WHERE e < CASE status WHEN 'new' THEN 1 WHEN 'in_review' THEN 2 ELSE 6 END
           AND NOT (kind = 'decision.made' AND status = 'waiting_for_decision')
           AND NOT (kind = 'ticket.resolve' AND status NOT IN ('resolved', 'closed'))
        """,
    ),
    (
        "notices",
        """
        INSERT INTO channels_notice (id, customer_id, ticket_id, key, kind, recipient_id, data, status, subject, text,
               html, message_id, attempts, error, bounce, created_at, sent_at)
        SELECT id * 2 + n, customer, id, 'bench.' || id || '.' || n, 'ticket.submitted', contact + 20, '{}', 'sent',
               'Ihre Anfrage', '', '', '', 1, '', '', at, at
          FROM t, generate_series(0, 1) n
        """,
    ),
    (
        "objections",
        """
        INSERT INTO tickets_objection (id, customer_id, ticket_id, concern_id, assessment_id, contact_id, sealed_id,
               opened_at, opened_fact, reviewed_at, reviewed_fact, reviewer_id, review_sealed_id, result)
        SELECT id, customer, id, id, id, contact, id * 4 + 3, at + interval '2 hours', 2, at + interval '3 hours', 3,
               %(first)s + mod(id, 20), id * 4 + 3, 'confirmed'
          FROM t WHERE chargeable AND status IN ('resolved', 'closed') AND mod(id, 100) = 93
        """,
    ),
)

TABLES = (
    "customers_customer", "accounts_user", "customers_contact", "contracts_contract", "contracts_contractline",
    "tickets_ticket", "tickets_concern", "tickets_sealedtext", "tickets_message", "tickets_assessment",
    "billing_costoffer", "billing_customerdecision", "billing_timeentry", "tickets_ticketevent", "channels_notice",
    "tickets_objection", "tickets_deskwords", "tickets_sharedwords",
)  # fmt: skip


#: While filling, nothing has to survive a power cut; the pages are measured with the product's own settings.
_QUICK = {"max_wal_size": "16GB", "checkpoint_timeout": "1h", "full_page_writes": "off", "synchronous_commit": "off"}


def fill(superuser: Any, size: int, ids: dict[str, Any], progress: Any, until: str = "") -> None:
    """Write the corpus over a superuser's connection to an embedded server made for it, whole or not at all.

    `until`: the last of the steps, where not everything is needed.
    """
    for name, value in _QUICK.items():
        superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    superuser.execute("SELECT pg_reload_conf()")
    write(superuser, size, ids, progress, until)
    progress("statistics")
    superuser.execute("VACUUM ANALYZE")
    superuser.execute("ALTER SYSTEM RESET ALL")
    superuser.execute("CHECKPOINT")
    superuser.execute("SELECT pg_reload_conf()")


def write(superuser: Any, size: int, ids: dict[str, Any], progress: Any, until: str = "") -> None:
    """Write the rows; `ids` are those of the master data from `bench.base`."""
    parameters = {
        "size": size,
        "first": FIRST,
        "words": WORDS,
        "word_terms": json.dumps([{"word": one, "term": term} for one in WORDS for term in terms_of(one)]),
        **{name: terms_of(word)[0] for name, word in SOUGHT.items()},
        "canonical": "Kostenhinweis mit Obergrenze. " * 30,
        **ids,
    }
    with superuser.transaction(), superuser.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no key checks
        cursor.execute("SET LOCAL work_mem = '512MB'")
        for name, statement in STEPS:
            progress(name)
            cursor.execute(statement, parameters if "%" in statement else None)
            if name == until:
                break
        for table in TABLES:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
            )
        for numbers in ("klarfall_ticket_number", "klarfall_offer_number"):
            cursor.execute(f"SELECT setval('{numbers}', {200_000 + size})")
        cursor.execute("SET LOCAL session_replication_role = origin")
