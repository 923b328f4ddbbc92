"""When somebody is called back, in words; one wording for pages, history and mails."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.ui.formats import moment, time_of_day

#: After so many attempts to call back nobody has to try again.
MOST_CALL_ATTEMPTS = 3


def slot_words(start: datetime | None, end: datetime | None, now: datetime | None = None) -> str:
    """`Tue, 24 Nov 2026, 10:00 to 10:30`; without a slot as soon as possible."""
    if start is None or end is None:
        return _("as soon as possible within service hours")
    return _("%(start)s to %(end)s") % {"start": moment(start, now, short=True), "end": time_of_day(end)}


def told_slot(data: Mapping[str, Any], now: datetime | None = None) -> str:
    """The same from what an event of the history holds."""
    start, end = data.get("from"), data.get("until")
    if not start or not end:
        return slot_words(None, None)
    return slot_words(datetime.fromisoformat(start), datetime.fromisoformat(end), now)
