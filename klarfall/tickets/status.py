"""The states of a ticket and of a concern (domain.md, section 5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketStatus(models.TextChoices):
    """Where the conversation stands."""

    NEW = "new", _("Received")
    IN_REVIEW = "in_review", _("In review")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_CUSTOMER = "waiting_for_customer", _("Question to you")
    WAITING_FOR_DECISION = "waiting_for_decision", _("Your decision")
    RESOLVED = "resolved", _("Solved")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Withdrawn")


class ConcernStatus(models.TextChoices):
    """Where coverage and decision of one concern stand."""

    OPEN = "open", _("Not yet assessed")
    IN_REVIEW = "in_review", _("Being assessed")
    COVERED = "covered", _("Covered by the contract")
    CHARGEABLE = "chargeable", _("Chargeable")
    NOT_OFFERED = "not_offered", _("Not part of product support")
    OFFERED = "offered", _("Waiting for a decision")
    ACCEPTED = "accepted", _("Commissioned")
    CAP_REACHED = "cap_reached", _("Cap reached")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    DECLINED = "declined", _("Not commissioned")
    EXPIRED = "expired", _("Expired")
    OTHER_FORM = "other_form", _("In another form")
    REFERRED = "referred", _("Referred to the consultants")


#: Tickets that still need somebody; everything else rests.
LIVE = (
    TicketStatus.NEW,
    TicketStatus.IN_REVIEW,
    TicketStatus.IN_PROGRESS,
    TicketStatus.WAITING_FOR_CUSTOMER,
    TicketStatus.WAITING_FOR_DECISION,
)
WAITING = (TicketStatus.WAITING_FOR_CUSTOMER, TicketStatus.WAITING_FOR_DECISION)
#: Nothing more happens with such a concern unless somebody asks for it.
FINISHED = (
    ConcernStatus.DONE,
    ConcernStatus.DECLINED,
    ConcernStatus.EXPIRED,
    ConcernStatus.OTHER_FORM,
    ConcernStatus.STOPPED,
    ConcernStatus.REFERRED,
)
UNASSESSED = (ConcernStatus.OPEN, ConcernStatus.IN_REVIEW)
#: Days in which a solved ticket can be reopened, and after which it closes by itself.
REOPEN_DAYS = 14
