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
