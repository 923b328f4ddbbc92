"""INV-4: billed net within the net cap, billed minutes within `cap_minutes`, work within the effective minutes."""

from klarfall.billing.self_audit.tally import Tally

_CAPS = """
    JOIN billing_costoffer o ON o.id = b.offer_id
    JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept'
"""
# Minutes times rate beside the cap times sixty: the same as the effective minutes, without a division.
_BILLED = f"""
    SELECT b.offer_id FROM (
        SELECT offer_id, sum(net) AS net, sum(minutes) AS minutes,
               coalesce(sum(minutes) FILTER (WHERE counts_for = 'work'), 0) AS work
          FROM billing_billingline GROUP BY offer_id) b {_CAPS}
     WHERE b.net > coalesce(d.chosen_cap_net, o.cap_net)
        OR greatest(b.minutes, b.work) > coalesce(d.chosen_cap_minutes, o.cap_minutes)
        OR b.work * o.rate > coalesce(d.chosen_cap_net, o.cap_net) * 60
     ORDER BY b.offer_id
"""  # noqa: S608
_LOCKED = f"""
    SELECT b.offer_id FROM (
        SELECT offer_id, extract(epoch FROM sum("end" - start)) / 60 AS minutes
          FROM billing_timelock WHERE offer_id IS NOT NULL GROUP BY offer_id) b {_CAPS}
     WHERE b.minutes > coalesce(d.chosen_cap_minutes, o.cap_minutes)
        OR b.minutes * o.rate > coalesce(d.chosen_cap_net, o.cap_net) * 60
     ORDER BY b.offer_id
"""  # noqa: S608
_NEGATIVE = """
    SELECT offer_id FROM billing_billingline GROUP BY offer_id, category, percent
    HAVING sum(net) < 0 OR sum(minutes) < 0 ORDER BY offer_id
"""


def check_caps(tally: Tally) -> None:
    """Every offer that was billed or has locked minutes; below zero is found as well (section 6, rule 6)."""
    tally.count("SELECT count(DISTINCT offer_id) FROM billing_billingline")
    tally.report_all("above_cap", "offer", _BILLED)
    tally.report_all("below_zero", "offer", _NEGATIVE)
    tally.count("SELECT count(DISTINCT offer_id) FROM billing_timelock")
    tally.report_all("above_cap", "offer", _LOCKED)
