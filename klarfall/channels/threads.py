"""Which mails a mail about a request answers: mail programs hang it below them, also below the customer's own mail."""

import re

from klarfall.channels.models import Notice, NoticeStatus
from klarfall.tickets.models import Message

_MOST = 10
_NEWEST = 50
#: What may stand in a header; ids that were too long are kept as hashes and are none.
_ID = re.compile(r"<[!-;=?-~]{1,248}>")


def references(notice: Notice) -> list[str]:
    """Message-IDs of the mails between us and this person about the request, oldest first.

    At most ten, the first one always among them: it is what programs make a conversation of.
    """
    if notice.ticket_id is None:
        return []
    about = {"customer_id": notice.customer_id, "ticket_id": notice.ticket_id}
    ours = Notice.objects.filter(**about, recipient=notice.recipient_id, status=NoticeStatus.SENT)
    theirs = Message.objects.filter(**about, author=notice.recipient_id, from_customer=True).exclude(mail_id="")
    found = [
        *_ends(ours.exclude(pk=notice.pk).order_by("sent_at", "pk").values_list("sent_at", "message_id")),
        *_ends(theirs.order_by("created_at", "pk").values_list("created_at", "mail_id")),
    ]
    ids = list(dict.fromkeys(found_id for _at, found_id in sorted(found) if _ID.fullmatch(found_id)))
    return ids if len(ids) <= _MOST else [ids[0], *ids[1 - _MOST :]]


def _ends(rows: object) -> list[tuple[object, str]]:
    """The first row and the newest ones, however many mails a request has."""
    return [*rows[:1], *rows.reverse()[:_NEWEST]]  # type: ignore[index, attr-defined]
