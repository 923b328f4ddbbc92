"""Jobs of the tickets: anchor and verify the chains at night, delete files that no row names, read words."""

import logging

from django.utils import timezone

from klarfall.core.jobs import enqueue, every, job
from klarfall.tickets import anchors, files
from klarfall.tickets.aside import forget_aside
from klarfall.tickets.events import broken_events, broken_rows
from klarfall.tickets.models import AnchoredHead, Ticket
from klarfall.tickets.search.reading import BATCH, read_unread

logger = logging.getLogger(__name__)


@every("20 1 * * *")
@job("tickets.anchor")
def anchor() -> None:
    """Anchor the chains that grew today after verifying them; whatever is wrong is logged as an error."""
    for finding in anchors.verify_anchors():
        logger.error("history changed: %s (ticket %s, anchor %s)", finding.what, finding.ticket, finding.anchor)
    made = anchors.anchor_heads(timezone.now())
    if made is None:
        return
    for ticket in Ticket.objects.filter(pk__in=AnchoredHead.objects.filter(anchor=made).values("ticket")).iterator():
        if broken := [*broken_events(ticket), *broken_rows(ticket)]:
            logger.error("history changed: ticket %s at %s", ticket.pk, broken)


@every("40 1 * * *")
@job("tickets.sweep_files")
def sweep_files() -> None:
    """Delete what rolled-back requests have left in the file store."""
    removed = files.sweep(timezone.now())
    if removed:
        logger.info("deleted %d files that no row names", removed)


@every("*/20 * * * *")
@job("tickets.forget_drafts")
def forget_drafts() -> None:
    """Delete drafts that were put aside and not brought back."""
    forget_aside(timezone.now())


@every("* * * * * */5")
@job("tickets.words")
def read_words() -> None:
    """Read for the search what was written since the last time; so many at a time, more of them at once."""
    if read_unread() == BATCH:
        enqueue("tickets.words", key="tickets.words")
