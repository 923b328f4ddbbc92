"""Cost offers, the customers' decisions and recorded time, one noun per file."""

from klarfall.billing.models.decision import (
    CustomerDecision,
    DecisionAttempt,
    DecisionChannel,
    DecisionCode,
    DecisionKind,
    PersonalLink,
    Stop,
)
from klarfall.billing.models.offer import CostOffer
from klarfall.billing.models.time_entry import Purpose, TimeEntry, WorkChannel

__all__ = [
    "CostOffer",
    "CustomerDecision",
    "DecisionAttempt",
    "DecisionChannel",
    "DecisionCode",
    "DecisionKind",
    "PersonalLink",
    "Purpose",
    "Stop",
    "TimeEntry",
    "WorkChannel",
]
