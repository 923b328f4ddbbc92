"""Triggers that remember which concerns have something that no batch holds yet."""

from typing import Any

import pgtrigger

# A concern without any acceptance can have no billable minute (INV-1), so nothing is remembered for it.
_REMEMBER = """
    INSERT INTO billing_unbilled (customer_id, ticket_id, concern_id, since, version)
    SELECT NEW.customer_id, NEW.ticket_id, NEW.concern_id, {since}, nextval('klarfall_unbilled_version')
     WHERE EXISTS (SELECT FROM billing_customerdecision WHERE concern_id = NEW.concern_id AND kind = 'accept')
        ON CONFLICT (concern_id) DO UPDATE SET since = least(billing_unbilled.since, excluded.since),
           version = excluded.version;
    RETURN NULL;
"""

#: What changes minutes that were billed already belongs to whichever run comes next.
AT_ONCE = "'epoch'::timestamptz"


class RemembersUnbilled(pgtrigger.Trigger):
    """Marks the row's concern as having something to bill, from the instant `since` (SQL over NEW) on."""

    def __init__(self, *, since: str = AT_ONCE, **kwargs: Any) -> None:
        super().__init__(when=pgtrigger.After, func=_REMEMBER.format(since=since), **kwargs)


# Only what is remembered can have been computed; `since` stays, for what is gone has no minutes.
_OUTDATE = """
    UPDATE billing_unbilled SET version = nextval('klarfall_unbilled_version') WHERE concern_id = {row}.concern_id;
    RETURN NULL;
"""
_AFTER_FREEZING = """
    LOCK TABLE billing_unbilled IN ROW EXCLUSIVE MODE;
    RETURN NULL;
"""


class OutdatesPreview(pgtrigger.Trigger):
    """A preview of the row's concern has to be computed anew, because something it counted is gone or was locked."""

    def __init__(self, *, row: str = "NEW", **kwargs: Any) -> None:
        super().__init__(when=pgtrigger.After, func=_OUTDATE.format(row=row), **kwargs)


class WaitsForFreezing(pgtrigger.Trigger):
    """Waits, before any row is locked, until no run is being frozen: otherwise both would wait for each other."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(when=pgtrigger.Before, level=pgtrigger.Statement, func=_AFTER_FREEZING, **kwargs)
