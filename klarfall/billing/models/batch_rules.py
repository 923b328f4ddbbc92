"""What the database itself demands of billing lines, locks and batches, in SQL; each looks once per statement.

The sums are asked by offer through an index and never of the whole table, so freezing stays linear.
"""

from typing import Any

import pgtrigger

#: The name in the database of the trigger `frozen_batch_adds_up`.
AT_THE_END = "pgtrigger_frozen_batch_adds_up_5a2e0"
#: Variables of the triggers below.
LINE_VARIABLES = [("offers", "bigint[]")]

# A batch takes rows in the one transaction that freezes it: `frozen_batch_adds_up` looks again when that ends, and is
# woken by this update. It is told to wait even where all else is checked at once. Nothing comes later (INV-19, INV-20).
_WHILE_FREEZING = """
    IF EXISTS (
        SELECT FROM {rows} n LEFT JOIN billing_billingbatch b ON b.id = n.batch_id
         WHERE n.batch_id IS NOT NULL AND (b.status IS DISTINCT FROM 'open' OR b.stage <> 'freezing')
    ) THEN
        RAISE EXCEPTION 'a batch gets its lines only while it is being frozen' USING ERRCODE = '23514';
    END IF;
    SET CONSTRAINTS {at_the_end} DEFERRED;
    UPDATE billing_billingbatch SET stage = stage WHERE id IN (SELECT DISTINCT batch_id FROM {rows});
"""

# Acceptance of that very offer before the work (INV-1), rate of the offer (INV-12), caps (INV-4), nothing below zero
# (rule 6), a free concern owes nothing (INV-8), corrections point to an earlier original (INV-20).
_LINES = """
    IF EXISTS (
        SELECT FROM new_lines n LEFT JOIN billing_costoffer o
            ON o.id = n.offer_id AND o.concern_id = n.concern_id AND o.ticket_id = n.ticket_id
          LEFT JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept' AND d.text_hash = o.text_hash
         WHERE o.id IS NULL OR d.id IS NULL OR d.at > n.begins OR n.ends <= n.begins
            OR o.rate <> n.rate OR o.currency <> n.currency
    ) THEN
        RAISE EXCEPTION 'a billing line without an acceptance of its offer' USING ERRCODE = '23514';
    END IF;
    offers := ARRAY(SELECT DISTINCT offer_id FROM new_lines);
    IF EXISTS (
        SELECT FROM (SELECT offer_id, sum(net) AS net, sum(minutes) AS minutes,
                            coalesce(sum(minutes) FILTER (WHERE counts_for = 'work'), 0) AS work
                       FROM billing_billingline WHERE offer_id = ANY (offers) GROUP BY offer_id) b
          JOIN billing_costoffer o ON o.id = b.offer_id
          JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept'
         WHERE b.net > coalesce(d.chosen_cap_net, o.cap_net)
            OR greatest(b.minutes, b.work) > coalesce(d.chosen_cap_minutes, o.cap_minutes)
            OR b.work * o.rate > coalesce(d.chosen_cap_net, o.cap_net) * 60
    ) THEN
        RAISE EXCEPTION 'a bill below zero or above the accepted cap' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM billing_billingline WHERE offer_id = ANY (offers)
         GROUP BY offer_id, category, percent HAVING sum(net) < 0 OR sum(minutes) < 0
    ) OR EXISTS (
        SELECT FROM billing_billingline WHERE offer_id = ANY (offers)
         GROUP BY offer_id, category, percent, counts_for
        HAVING CASE WHEN counts_for IN ('work', 'rounding') THEN least(sum(net), sum(minutes)) < 0
                    ELSE greatest(sum(net), sum(minutes)) > 0 END
    ) THEN
        RAISE EXCEPTION 'a bill below zero or above the accepted cap' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM billing_billingline l
          JOIN tickets_concern c ON c.id = l.concern_id JOIN tickets_assessment a ON a.id = c.current_assessment_id
         WHERE l.offer_id = ANY (offers) AND a.outcome <> 'chargeable'
         GROUP BY l.offer_id HAVING sum(l.net) <> 0 OR sum(l.minutes) <> 0
    ) THEN
        RAISE EXCEPTION 'a bill for a concern that costs nothing' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM new_lines n LEFT JOIN billing_billingline c ON c.id = n.corrects_id
         WHERE (n.kind = 'correction') <> (n.corrects_id IS NOT NULL)
            OR (n.kind = 'correction' AND (c.kind = 'correction' OR c.kind <> n.counts_for OR c.batch_id = n.batch_id
                OR (c.offer_id, c.category, c.percent) IS DISTINCT FROM (n.offer_id, n.category, n.percent)))
            OR (n.kind <> 'correction' AND n.kind <> n.counts_for)
    ) THEN
        RAISE EXCEPTION 'a correction points to the line it corrects' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""

# Whole minutes of finished work, each locked once, those of an offer after its acceptance and within its effective
# minutes (INV-1, INV-4, INV-19). The entries are held first: two who lock at once come one after the other.
_LOCKS = """
    PERFORM FROM billing_timeentry WHERE id = ANY (ARRAY(SELECT DISTINCT entry_id FROM new_locks))
      ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM new_locks n LEFT JOIN billing_timeentry e
            ON e.id = n.entry_id AND e.concern_id = n.concern_id AND e.ticket_id = n.ticket_id
         WHERE e."end" IS NULL OR n.start < e.start OR n."end" > e."end"
            OR date_trunc('minute', n.start) <> n.start OR date_trunc('minute', n."end") <> n."end"
            OR (n.offer_id IS NOT NULL AND e.purpose <> 'work')
    ) OR EXISTS (
        SELECT FROM new_locks n JOIN billing_timelock l ON l.entry_id = n.entry_id AND l.id <> n.id
         WHERE l.start < n."end" AND n.start < l."end"
    ) OR EXISTS (
        SELECT FROM new_locks n LEFT JOIN billing_servicerecord r ON r.id = n.record_id
         WHERE n.record_id IS NOT NULL AND r.ticket_id IS DISTINCT FROM n.ticket_id
    ) THEN
        RAISE EXCEPTION 'a lock on minutes that are none of the entry, or locked already' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM new_locks n LEFT JOIN billing_costoffer o ON o.id = n.offer_id AND o.concern_id = n.concern_id
          LEFT JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept' AND d.text_hash = o.text_hash
         WHERE n.offer_id IS NOT NULL AND (o.id IS NULL OR d.id IS NULL OR d.at > n.start)
    ) THEN
        RAISE EXCEPTION 'billable minutes without an acceptance of their offer' USING ERRCODE = '23514';
    END IF;
    offers := ARRAY(SELECT DISTINCT offer_id FROM new_locks WHERE offer_id IS NOT NULL);
    IF EXISTS (
        SELECT FROM (SELECT offer_id, extract(epoch FROM sum("end" - start)) / 60 AS minutes
                       FROM billing_timelock WHERE offer_id = ANY (offers) GROUP BY offer_id) b
          JOIN billing_costoffer o ON o.id = b.offer_id
          JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept'
         WHERE b.minutes > coalesce(d.chosen_cap_minutes, o.cap_minutes)
            OR b.minutes * o.rate > coalesce(d.chosen_cap_net, o.cap_net) * 60
    ) THEN
        RAISE EXCEPTION 'billable minutes above the accepted cap' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""


def _while_freezing(rows: str) -> str:
    return _WHILE_FREEZING.format(rows=rows, at_the_end=AT_THE_END)


LINES_ARE_TRUE = "".join((_while_freezing("new_lines"), _LINES))
LOCKS_ARE_TRUE = "".join((_while_freezing("new_locks"), _LOCKS))

# Deferred: at the end of the transaction that wrote lines or locks the batch is frozen and says what they add up to.
BATCH_ADDS_UP = """
    IF EXISTS (SELECT FROM billing_billingbatch WHERE id = NEW.id AND status = 'open')
       AND (EXISTS (SELECT FROM billing_billingline WHERE batch_id = NEW.id)
         OR EXISTS (SELECT FROM billing_timelock WHERE batch_id = NEW.id)) THEN
        RAISE EXCEPTION 'lines of a batch that is not frozen' USING ERRCODE = '23514';
    END IF;
    IF OLD.status IN ('open') AND NEW.status <> 'open' AND NOT EXISTS (
        SELECT FROM (SELECT count(*) AS lines, coalesce(sum(minutes), 0) AS minutes, coalesce(sum(net), 0) AS net
                       FROM billing_billingline WHERE batch_id = NEW.id) l
          JOIN billing_billingbatch b ON b.id = NEW.id AND (b.lines, b.minutes, b.net) = (l.lines, l.minutes, l.net)
    ) THEN
        RAISE EXCEPTION 'a frozen batch is the sum of its lines' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
"""


def on_new_rows(name: str, func: str, rows: str, **kwargs: Any) -> pgtrigger.Trigger:
    """A trigger that sees all rows of one INSERT at once under the name `rows`."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new=rows),
        declare=LINE_VARIABLES,
        func=func,
        **kwargs,
    )
