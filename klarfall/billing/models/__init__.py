"""Cost offers, decisions, recorded time, and everything that is made of them, one noun per file."""

from klarfall.billing.models.batch import BatchConcern, BilledOffer, BillingBatch, BillingLine, TimeLock, Unbilled
from klarfall.billing.models.decision import (
    CustomerDecision,
    DecisionAttempt,
    DecisionChannel,
    DecisionCode,
    DecisionKind,
    PersonalLink,
    Stop,
)
from klarfall.billing.models.goodwill import Goodwill
from klarfall.billing.models.invoice import Invoice, InvoiceType, VatRate
from klarfall.billing.models.offer import CostOffer
from klarfall.billing.models.self_audit import SelfAudit
from klarfall.billing.models.service_record import ServiceRecord
from klarfall.billing.models.time_entry import Purpose, TimeEntry, WorkChannel

__all__ = [
    "BatchConcern",
    "BilledOffer",
    "BillingBatch",
    "BillingLine",
    "CostOffer",
    "CustomerDecision",
    "DecisionAttempt",
    "DecisionChannel",
    "DecisionCode",
    "DecisionKind",
    "Goodwill",
    "Invoice",
    "InvoiceType",
    "PersonalLink",
    "Purpose",
    "SelfAudit",
    "ServiceRecord",
    "Stop",
    "TimeEntry",
    "TimeLock",
    "Unbilled",
    "VatRate",
    "WorkChannel",
]
