"""Everything about tickets, one noun per file."""

from klarfall.tickets.models.assessment import Assessment, AssessmentBasis, Cause, Training
from klarfall.tickets.models.attachment import Attachment, Upload
from klarfall.tickets.models.concern import Concern
from klarfall.tickets.models.draft import RequestDraft
from klarfall.tickets.models.event import AnchoredHead, ChainAnchor, TicketEvent
from klarfall.tickets.models.handover import ConsultantRequest, HandoverPass, HandoverStatus, TrainingRequest
from klarfall.tickets.models.message import Message
from klarfall.tickets.models.objection import Objection
from klarfall.tickets.models.remote_session import RemoteParticipant, RemoteSession, RemoteStatus
from klarfall.tickets.models.sealed import SealedText
from klarfall.tickets.models.ticket import ResolutionKind, Ticket
from klarfall.tickets.models.words import DeskWords, SharedWords, UnreadTicket

__all__ = [
    "AnchoredHead",
    "Assessment",
    "AssessmentBasis",
    "Attachment",
    "Cause",
    "ChainAnchor",
    "Concern",
    "ConsultantRequest",
    "DeskWords",
    "HandoverPass",
    "HandoverStatus",
    "Message",
    "Objection",
    "RemoteParticipant",
    "RemoteSession",
    "RemoteStatus",
    "RequestDraft",
    "ResolutionKind",
    "SealedText",
    "SharedWords",
    "Ticket",
    "TicketEvent",
    "Training",
    "TrainingRequest",
    "UnreadTicket",
    "Upload",
]
