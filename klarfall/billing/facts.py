"""The engine's facts from the rows of a ticket, in few queries; and its reasons in words."""

from collections.abc import Iterable

from klarfall.billing.engine import ConcernFacts, Segment, Standing
from klarfall.tickets.models import Concern


def facts_of(concerns: Iterable[Concern]) -> dict[int, ConcernFacts]:
    """Facts by concern id, of concerns of one ticket; five queries however many they are."""
    raise NotImplementedError


def explain(answer: Segment | Standing) -> str:
    """Why a minute has its class, in one sentence of the active language."""
    raise NotImplementedError
