"""What a mail of ours that came back means: to whom it went, what it was about, and what the recipient may not know."""

from typing import Any

from klarfall.billing.models import CostOffer
from klarfall.billing.status import OfferStatus
from klarfall.billing.story import Story
from klarfall.channels.mail_texts import KINDS
from klarfall.channels.models import Notice
from klarfall.channels.recipients import ABOUT_COSTS
from klarfall.tickets.models import TicketEvent


def returned_mail(story: Story, event: TicketEvent | None) -> dict[str, Any]:
    """The words of a notice about a returned mail; empty for every other event. Read in the sight of the reader."""
    if event is None or event.kind != "mail.bounced":
        return {}
    notice = Notice.objects.filter(pk=event.data["notice"]).first()
    if notice is None:
        return {}
    return {
        "returned": {
            "to": story.name(notice.recipient_id),
            "about": notice.subject or str(KINDS.get(notice.kind, notice.kind)),
            "report": notice.bounce,
            "offer": _waiting_offer(notice),
        }
    }


def _waiting_offer(notice: Notice) -> int | None:
    """The number of the cost notice that the recipient may not know and that still waits; None where it is none."""
    if notice.kind not in ABOUT_COSTS:
        return None
    waiting = CostOffer.objects.filter(pk=notice.data.get("offer"), status=OfferStatus.SENT)
    number: int | None = waiting.values_list("number", flat=True).first()
    return number
