"""INV-1: no billed or locked minute without an acceptance of that very offer, its text unchanged, before it."""

from klarfall.billing.self_audit.tally import Tally

# An acceptance counts with the hash of the offer; the hash counts if it is that of the text as it stands now.
_ACCEPTED = """
    LEFT JOIN billing_costoffer o ON (o.id, o.concern_id, o.customer_id) = (r.offer_id, r.concern_id, r.customer_id)
    LEFT JOIN billing_customerdecision d ON d.offer_id = o.id AND d.kind = 'accept' AND d.text_hash = o.text_hash
"""
_LINES = f"""
    SELECT r.id FROM billing_billingline r {_ACCEPTED} WHERE d.id IS NULL OR d.at > r.begins ORDER BY r.id
"""  # noqa: S608
_LOCKS = f"""
    SELECT r.id FROM billing_timelock r {_ACCEPTED}
     WHERE r.offer_id IS NOT NULL AND (d.id IS NULL OR d.at > r.start) ORDER BY r.id
"""  # noqa: S608
_TEXTS = """
    SELECT d.offer_id FROM billing_customerdecision d JOIN billing_costoffer o ON o.id = d.offer_id
     WHERE d.kind = 'accept' AND (d.text_hash <> o.text_hash
        OR o.text_hash <> encode(sha256(convert_to(o.canonical_text, 'UTF8')), 'hex')) ORDER BY d.offer_id
"""
_NOBODY = """
    SELECT d.id FROM billing_customerdecision d
      LEFT JOIN customers_contact c ON c.id = d.contact_id AND c.customer_id = d.customer_id
      LEFT JOIN accounts_user u ON u.id = c.user_id AND u.kind = 'contact'
     WHERE d.kind = 'accept' AND u.id IS NULL ORDER BY d.id
"""
_LATE = """
    SELECT d.id FROM billing_customerdecision d JOIN billing_costoffer o ON o.id = d.offer_id
     WHERE d.kind = 'accept' AND (d.at AT TIME ZONE coalesce(
               (SELECT time_zone FROM core_vendorprofile WHERE id = 1), 'Europe/Berlin'))::date > o.valid_until
     ORDER BY d.id
"""


def check_acceptances(tally: Tally) -> None:
    """Every line, every lock on minutes of an offer, and every acceptance."""
    tally.count("SELECT count(*) FROM billing_billingline")
    tally.report_all("no_acceptance", "line", _LINES)
    tally.count("SELECT count(*) FROM billing_timelock WHERE offer_id IS NOT NULL")
    tally.report_all("no_acceptance", "lock", _LOCKS)
    tally.count("SELECT count(*) FROM billing_customerdecision WHERE kind = 'accept'")
    tally.report_all("text_changed", "offer", _TEXTS)
    tally.report_all("decided_by_nobody", "decision", _NOBODY)
    tally.report_all("late_acceptance", "decision", _LATE)
