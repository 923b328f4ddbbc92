"""What the page of a request shows: progress, cards, conversation, facts, and which ways on are open."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.billing.cards import Links, card, pending_offer
from klarfall.billing.models import CostOffer
from klarfall.billing.models.time_entry import WorkChannel
from klarfall.billing.remote_story import sessions_of
from klarfall.billing.story import FileRow, Story, read, ticket_rows
from klarfall.billing.timeline import assessed_at, timeline
from klarfall.contracts.models import CatalogueItem
from klarfall.core.prepared import prepared
from klarfall.incoming.beside import Links as MailLinks
from klarfall.incoming.beside import column as mail_copies
from klarfall.incoming.beside import with_mails
from klarfall.knowledge.uses import Used, used_articles, uses_column
from klarfall.portal.callbacks import callback_ways
from klarfall.portal.rows import number_of
from klarfall.portal.shell import customers_with_costs, seat_in, viewer_of
from klarfall.portal.steps import steps
from klarfall.telephony.open_wish import callback_column
from klarfall.tickets.models import Assessment, Concern, Ticket
from klarfall.tickets.status import TicketStatus as T
from klarfall.ui.formats import day, duration, moment, money, month_name

_MAIL_LINKS = MailLinks(html=lambda pk: reverse("portal:mail-copy-html", args=[pk]))


@prepared
def numbered(*, number: int) -> QuerySet[Any]:
    """The ticket of this number with everything that its page names; nothing where there is none."""
    along = {"mail_copies": mail_copies(), "callback": callback_column(), "article_uses": uses_column()}
    return ticket_rows().filter(number=number).annotate(**along)


def clause_url(ticket: Ticket) -> Callable[[CatalogueItem], str]:
    """Where a clause of the terms that bind the ticket can be read."""
    address = reverse("portal:catalogue-version", args=[ticket.terms.number])
    return lambda item: f"{address}#{item.clause.replace(' ', '-')}"


def file_url(file: FileRow) -> str:
    """Where a file is handed out."""
    return reverse("portal:file", args=[file.pk])


def links(story: Story) -> Links:
    """Where the card leads in the portal."""
    number = story.ticket.number
    page = reverse("portal:ticket", args=[number])

    def disagree(concern: Concern) -> str:
        return reverse("portal:objection", args=[number, concern.position])

    def history(assessment: Assessment) -> str:
        anchor = assessed_at(story, assessment.pk)
        return f"{page}#{anchor}" if anchor else ""

    def decide(offer: CostOffer) -> str:
        return reverse("portal:decision", args=[offer.number])

    def stop(concern: Concern) -> str:
        return reverse("portal:stop", args=[number, concern.position])

    return Links(clause=clause_url(story.ticket), decide=decide, disagree=disagree, history=history, stop=stop)


def ticket_page(request: HttpRequest, ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Returns everything the page shows; reads the story of the ticket."""
    story = read(ticket, now=now)
    ways, billed = links(story), story.billed
    return {
        "now": now,
        "ticket": ticket,
        "story": story,
        "calendar": ticket.calendar,
        "number": number_of(ticket.number),
        "intro": _intro(story),
        "steps": steps(story),
        "parts": [_part(story, concern, ways) for concern in story.concerns],
        "lines": _lines(request, story),
        "facts": _facts(story),
        "times": _times(story),
        "billed": [(month_name(month), _("%(amount)s net") % {"amount": money(net)}) for month, net in billed.items()],
        "sees_costs": ticket.customer_id in customers_with_costs(viewer_of(request)),
        "is_live": bool(story.consumption),
        "records": _records(story),
        "sessions": sessions_of(story),
        "articles": _articles(ticket),
        "decide_url": _decide_url(story, ways),
        "addressee": story.name(ticket.assignee_id),
        **callback_ways(ticket, now),
        **_ways_on(request, story, now),
    }


def _articles(ticket: Any) -> list[Used]:
    """The articles of the request that this viewer reads."""
    return used_articles(ticket.article_uses, language=get_language() or "de")


def _lines(request: HttpRequest, story: Story) -> list[Any]:
    """What was said and what happened; beside one's own mails the address they came from, if it is another."""
    own = {request.user.pk: request.user.email} if request.user.is_authenticated else {}
    return with_mails(timeline(story, file_url), story.ticket, links=_MAIL_LINKS, addresses=own, for_staff=False)


def _part(story: Story, concern: Concern, ways: Links) -> dict[str, Any]:
    """One card with what can be done about its concern."""
    objection = story.open_objection(concern)
    return {
        "concern": concern,
        "card": card(story, concern, ways),
        "may_withdraw_objection": objection is not None,
    }


def _decide_url(story: Story, ways: Links) -> str:
    offers = (pending_offer(story, concern) for concern in story.concerns)
    return next((ways.decide(offer) for offer in offers if offer), "")


def _intro(story: Story) -> str:
    ticket = story.ticket
    when = {"when": moment(ticket.submitted_at, story.now), "name": story.name(ticket.contact.user_id)}
    asked = _("asked %(when)s by %(name)s") if when["name"] else _("asked %(when)s")
    return " · ".join(filter(None, [ticket.area.name if ticket.area else "", asked % when]))


def _facts(story: Story) -> list[tuple[str, Any]]:
    ticket = story.ticket
    product = " ".join(filter(None, [ticket.product.name, ticket.version.name if ticket.version else ""]))
    line = ticket.contract_line
    return [
        (_("In the hands of"), story.name(ticket.assignee_id)),
        (_("Product"), product),
        (_("Partner product"), ticket.partner_product.name if ticket.partner_product else ""),
        (_("Impact"), ticket.get_impact_display()),
        (_("Needed by"), day(ticket.needed_by)),
        (_("Tried already"), ticket.tried),
        (_("Contract"), line.contract.number if line else _("No contract for this product")),
        (_("Able to work again since"), moment(ticket.restored_at, story.now)),
        (_("Visible to"), _("You, cost release and customer admin only") if ticket.confidential else ""),
    ]


def _times(story: Story) -> list[tuple[str, str]]:
    """The time entries a customer may read: work, also running, with the activity in the specialist's words."""
    rows = []
    for one in story.entries:
        if one.purpose == "work":
            minutes = max(0, int(((one.end or story.now) - one.start).total_seconds() // 60))
            time = duration(minutes) if one.end else _("%(time)s so far") % {"time": duration(minutes)}
            way = one.get_channel_display() if one.channel != WorkChannel.INTERNAL else ""
            late = _("entered late: %(reason)s") % {"reason": one.late_reason} if one.is_late else ""
            words = [way, one.activity, story.name(one.agent_id), late]
            rows.append((moment(one.start, story.now, short=True), f"{time}: {', '.join(filter(None, words))}"))
    return rows


def _records(story: Story) -> list[tuple[str, str, str]]:
    """The service records that were issued, newest first: label, address, net amount; the history names them."""
    issued = [event.data for event in story.events if event.kind == "record.issued"]
    return [
        (
            _("Revision %(number)s") % {"number": data["revision"]},
            reverse("portal:record", args=[data["record"]]),
            money(Decimal(data["net"])),
        )
        for data in reversed(issued)
    ]


def _ways_on(request: HttpRequest, story: Story, now: datetime) -> dict[str, bool]:
    """Which buttons are shown; the actions decide in the end."""
    ticket, seat = story.ticket, seat_in(request, story.ticket.customer_id)
    own = seat is not None and seat.contact_id == ticket.contact_id
    unassessed = any(one.is_unassessed for one in story.concerns)
    return {
        "may_ask": ticket.is_live and unassessed and ticket.coverage_asked_at is None,
        "may_withdraw": ticket.status in (T.NEW, T.IN_REVIEW),
        "may_reopen": ticket.can_reopen(now),
        "may_rate": own and ticket.status in (T.RESOLVED, T.CLOSED) and ticket.rating is None,
        "opens_follow_up": not ticket.is_live and not ticket.can_reopen(now),
    }
