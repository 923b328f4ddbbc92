"""INV-8: a concern that is covered or not offered has no open or effective offer, and its bill is 0.00."""

from klarfall.billing.self_audit.tally import Tally

_FREE = "JOIN tickets_assessment a ON a.id = c.current_assessment_id AND a.outcome <> 'chargeable'"
_COUNT = f"SELECT count(*) FROM tickets_concern c {_FREE}"  # noqa: S608
_OFFERED = f"""
    SELECT DISTINCT c.id FROM tickets_concern c {_FREE}
      JOIN billing_costoffer o ON o.concern_id = c.id AND o.status IN ('sent', 'accepted', 'exhausted') ORDER BY c.id
"""  # noqa: S608
# A correction that waits is remembered in billing_unbilled until the next run has written it.
_BILLED = f"""
    SELECT c.id FROM tickets_concern c {_FREE} JOIN billing_billingline l ON l.concern_id = c.id
     WHERE NOT EXISTS (SELECT FROM billing_unbilled u WHERE u.concern_id = c.id)
     GROUP BY c.id HAVING sum(l.net) <> 0 OR sum(l.minutes) <> 0 ORDER BY c.id
"""  # noqa: S608


def check_free_concerns(tally: Tally) -> None:
    """Every concern whose current assessment is covered or not offered."""
    tally.count(_COUNT)
    tally.report_all("free_concern_offered", "concern", _OFFERED)
    tally.report_all("free_concern_billed", "concern", _BILLED)
