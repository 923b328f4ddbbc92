"""Which mail of ours a delivery report is about, and how far it is believed: anybody can write one."""

from dataclasses import dataclass

from klarfall.channels.models import Notice
from klarfall.channels.reply_addresses import ticket_id_in
from klarfall.customers.mail_domains import is_public
from klarfall.incoming import matching
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.parsing.parsed import DeliveryReport, ParsedMail
from klarfall.incoming.products import recipients

_MOST_RECIPIENTS = 100


@dataclass(frozen=True)
class Returned:
    """A mail of ours that is reported about."""

    notice: Notice
    #: The report shows our mail, or came to the address that our mail gave for answers. Who was only named the thread
    #: (in copy, say) can write neither.
    is_shown: bool
    #: It speaks of where we sent the mail, not of an address to which somebody there forwards.
    is_theirs: bool


def mail_of(mail: IncomingMail, parsed: ParsedMail, report: DeliveryReport) -> Returned | None:
    """Our mail that a report is about: by the Message-ID of what came back, else by the thread; None for no mail."""
    found = _sent([report.original_id]) if report.original_id else None
    is_shown = found is not None
    if found is None:
        found = _sent(matching.thread_ids(parsed))
        is_shown = found is not None and _came_to(mail, parsed, found.ticket_id)
    if found is None:
        return None
    forged = mail.authentication.get("dmarc") == "fail"
    return Returned(found, is_shown and not forged, _is_theirs(report.recipient, found.recipient.email))


def _sent(ids: list[str]) -> Notice | None:
    rows = Notice.objects.filter(message_id__in=[one for one in ids if one])
    found: Notice | None = rows.select_related("ticket", "recipient").order_by("pk").first() if ids else None
    return found


def _came_to(mail: IncomingMail, parsed: ParsedMail, ticket_id: int | None) -> bool:
    addresses = [address for address, _place in zip(recipients(mail, parsed), range(_MOST_RECIPIENTS), strict=False)]
    return ticket_id is not None and any(ticket_id_in(one) == ticket_id for one in addresses)


def _is_theirs(reported: str, sent_to: str) -> bool:
    """The address itself, or what their own server calls it; of a provider for everybody only the address itself."""
    reported, sent_to = reported.lower(), sent_to.lower()
    domain, ours = reported.rpartition("@")[2], sent_to.rpartition("@")[2]
    if reported == sent_to or "." not in domain or is_public(ours):
        return reported == sent_to
    return f".{domain}".endswith(f".{ours}") or f".{ours}".endswith(f".{domain}")
