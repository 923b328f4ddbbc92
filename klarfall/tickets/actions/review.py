"""Look at a request: begin the review, answer *is this covered?* with one, split what is mixed, name concerns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core.action import Refused, action
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.tickets import acting, conversation, progress, sla, text, workflow
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked, locked_concern
from klarfall.tickets.models import Concern, Ticket
from klarfall.tickets.status import UNASSESSED, ConcernStatus, TicketStatus

#: Concerns of one ticket; who has more wishes has more requests.
MOST_CONCERNS = 10


class NotReviewable(Refused):
    """This cannot be asked or split (any more)."""

    code = "not_reviewable"


@action
def begin_review(ticket: Ticket, *, actor: Any, now: datetime) -> Ticket:
    """The first look of a specialist, which the customer sees at once (R38); returns the ticket."""
    ticket = locked(ticket)
    permissions.require("ticket.review", actor)
    begun = ticket.status != TicketStatus.NEW
    if begun and not (ticket.is_live and Concern.objects.filter(ticket=ticket, status=ConcernStatus.OPEN).exists()):
        raise TransitionNotAllowed("begin_review", ticket.status)
    progress.begin_review(ticket, actor=actor, now=now)
    return ticket


@action
def ask_coverage(ticket: Ticket, *, actor: Any, now: datetime) -> Ticket:
    """*Is this covered by the contract?* - the customer asks, free of charge (R45); returns the ticket."""
    ticket = locked(ticket)
    acting.require("ticket.ask_coverage", actor, ticket, now)
    if not ticket.is_live:
        raise NotReviewable(_("This request is finished. Please write to us if you still need something."))
    if not Concern.objects.filter(ticket=ticket, status__in=UNASSESSED).exists():
        raise NotReviewable(_("This is answered already. If you see it differently, please tell us so there."))
    if ticket.coverage_asked_at is not None:
        raise NotReviewable(_("You have asked this already; a specialist is looking into it."))
    if ticket.status == TicketStatus.NEW:
        workflow.apply(ticket, "ask_coverage", actor=actor, now=now)
    record(ticket, "coverage.asked", actor=actor, now=now, public=True)
    conversation.save(ticket, {"coverage_asked_at": now, **sla.after_question(ticket, now)}, now=now)
    progress.settle(ticket, actor=actor, now=now)
    return ticket


@action
def split(ticket: Ticket, *, titles: Sequence[str], actor: Any, now: datetime) -> list[Concern]:
    """Add concerns behind those there are, so that each is assessed by itself; returns the new ones."""
    names = [text.line(title, field="titles") for title in titles]
    ticket = locked(ticket)
    permissions.require("concern.split", actor)
    taken = list(Concern.objects.filter(ticket=ticket).values_list("position", "title").order_by("position"))
    _check_split(ticket, names, [title for _position, title in taken])
    new = [
        Concern.objects.create(customer_id=ticket.customer_id, ticket=ticket, position=position, title=name)
        for position, name in enumerate(names, start=taken[-1][0] + 1)
    ]
    for concern in new:
        sealed = seal(ticket, concern.title)
        record(ticket, "concern.added", actor=actor, now=now, data={"concern": concern.pk}, sealed=sealed, public=True)
    progress.begin_review(ticket, actor=actor, now=now)
    conversation.save(ticket, {}, now=now)
    progress.settle(ticket, actor=actor, now=now)
    for concern in new:
        concern.refresh_from_db()
    return new


def _check_split(ticket: Ticket, names: Sequence[str], there: Sequence[str]) -> None:
    if not ticket.is_live:
        raise NotReviewable(_("This request is finished and cannot be split."))
    if not names:
        raise NotReviewable(_("Please name at least one further concern."), field="titles")
    if len(names) + len(there) > MOST_CONCERNS:
        raise NotReviewable(_("A request has at most %(count)s concerns.") % {"count": MOST_CONCERNS}, field="titles")
    folded = [name.casefold() for name in (*there, *names)]
    if len(set(folded)) < len({name.casefold() for name in there}) + len(names):
        raise NotReviewable(_("There is a concern of this name already."), field="titles")


@action
def rename_concern(concern: Concern, *, title: str, actor: Any, now: datetime) -> Concern:
    """Give a concern another title; returns it. The old and the new one stay in the history."""
    name = text.line(title, field="title")
    concern, ticket = locked_concern(concern)
    permissions.require("concern.split", actor)
    if not ticket.is_live:
        raise NotReviewable(_("This request is finished and cannot be split."))
    sealed = seal(ticket, name, {"before": concern.title})
    concern.title = name
    concern.save(update_fields=["title"])
    record(ticket, "concern.renamed", actor=actor, now=now, data={"concern": concern.pk}, sealed=sealed)
    return concern
