"""What the engine is told about one concern, and the vocabulary in which it answers; frozen, without behaviour.

All instants are aware datetimes of any zone. `seq` is the stored sequence number that orders facts of one instant
(domain.md, section 6, rule 1); it is unique within the concern. `id` is the row's number and only ever handed back.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from klarfall.billing.engine.caps import Caps


class Outcome(StrEnum):
    """What a published assessment says."""

    COVERED = "covered"
    CHARGEABLE = "chargeable"
    NOT_OFFERED = "not_offered"


class Purpose(StrEnum):
    """What a time entry was for; triage never costs anything (INV-9)."""

    TRIAGE = "triage"
    WORK = "work"


class Ending(StrEnum):
    """How an offer ended. Being used up is no ending: an exhausted offer still runs, its minutes are OVER_CAP."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A published assessment (drafts are no facts). `item` is the catalogue item's code (rule 9)."""

    id: int
    seq: int
    published_at: datetime
    outcome: Outcome
    item: str

    def __post_init__(self) -> None:
        Outcome(self.outcome)  # a word the engine does not know must not pass for chargeable


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection; `reviewed_at` is None while it is open, and also set when the customer withdrew it."""

    id: int
    seq: int
    opened_at: datetime
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The one effective decision accepting an offer; late, unauthorised or outdated ones are attempts, no facts.

    `chosen` is the lower cap the customer picked, exactly one unit set; None is the offer as it stands.
    """

    id: int
    seq: int
    at: datetime
    chosen: Caps | None = None


@dataclass(frozen=True, slots=True)
class OfferEnd:
    """The recorded end of an offer. Ends that follow from a stop, a new assessment or the concern being done
    are derived as well, so a missing row never makes a minute billable."""

    seq: int
    at: datetime
    kind: Ending


@dataclass(frozen=True, slots=True)
class Offer:
    """A cost offer as sent. `rate` is net per hour, `extends` an earlier accepted offer, `caps` those offered."""

    id: int
    number: int
    rate: Decimal
    increment: int
    minimum: int
    caps: Caps
    extends: int | None = None
    accepted: Acceptance | None = None
    ended: OfferEnd | None = None

    def __post_init__(self) -> None:
        if not self.rate.is_finite() or self.rate <= 0:
            raise ValueError("an offer needs a rate above zero (INV-2)")
        if self.increment < 1 or self.minimum < 0:
            raise ValueError("an offer needs an increment of at least 1 and no negative minimum (INV-2)")


@dataclass(frozen=True, slots=True)
class Stop:
    """The customer stops the concern: ends every accepted offer (INV-16)."""

    id: int
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """The concern was done: completes its running offers."""

    id: int
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reopened:
    """A done concern went back to review. Completed offers stay completed: further work needs a new acceptance."""

    id: int
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """Recorded time of one agent: the raw instants; the engine snaps them. `ended_at` is None while the timer runs."""

    id: int
    agent_id: int
    purpose: Purpose
    started_at: datetime
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        Purpose(self.purpose)  # nor for work


@dataclass(frozen=True, slots=True)
class Locked:
    """Whole minutes [start, end) of an entry that are frozen in a batch or shown in an issued service record.

    `offer_id` is the offer they were allotted to, None if to none. Later entries take what is left and change none of
    them (rule 2). A later covered or not_offered assessment still frees them: the lock holds against entries, not
    against the customer (INV-13). `billed`: a run holds them, so the service period of a next bill begins after them;
    what a record alone shows is still to be billed.
    """

    entry_id: int
    start: datetime
    end: datetime
    offer_id: int | None = None
    billed: bool = True


@dataclass(frozen=True, slots=True)
class Goodwill:
    """A grant of goodwill: minutes, or net, or both; it lowers the bill and never the assessment (rule 6, INV-23)."""

    id: int
    minutes: int = 0
    net: Decimal = Decimal("0.00")

    def __post_init__(self) -> None:
        if self.minutes < 0 or not self.net.is_finite() or self.net < 0:
            raise ValueError("goodwill never adds to a bill (INV-23)")


@dataclass(frozen=True, slots=True)
class ConcernFacts:
    """Everything recorded about one concern, in any order."""

    assessments: tuple[Assessment, ...] = ()
    objections: tuple[Objection, ...] = ()
    offers: tuple[Offer, ...] = ()
    stops: tuple[Stop, ...] = ()
    done: tuple[Done, ...] = ()
    reopened: tuple[Reopened, ...] = ()
    entries: tuple[TimeEntry, ...] = ()
    locked: tuple[Locked, ...] = ()
    goodwill: tuple[Goodwill, ...] = ()


def finished(facts: ConcernFacts) -> ConcernFacts:
    """The same facts without running timers: what a bill and a service record count."""
    return replace(facts, entries=tuple(entry for entry in facts.entries if entry.ended_at is not None))


class MinuteClass(StrEnum):
    """The classes of section 6 in their order; each minute gets the first that fits. Only BILLABLE bears money."""

    TRIAGE = "TRIAGE"
    NOT_OFFERED = "NOT_OFFERED"
    COVERED = "COVERED"
    ON_HOLD = "ON_HOLD"
    AFTER_STOP = "AFTER_STOP"
    BILLABLE = "BILLABLE"
    OVER_CAP = "OVER_CAP"
    PRE_DECISION = "PRE_DECISION"


class Why(StrEnum):
    """Reason codes; a page words them, with the facts of Reason.because."""

    TRIAGE_PURPOSE = "triage_purpose"  # TRIAGE: the entry was for triage
    NOT_ASSESSED = "not_assessed"  # TRIAGE: no assessment published yet
    ASSESSED_FREE = "assessed_free"  # COVERED, NOT_OFFERED: the assessment in force says so
    FREED_LATER = "freed_later"  # COVERED, NOT_OFFERED: a later assessment says so
    OBJECTION_OPEN = "objection_open"  # ON_HOLD
    STOPPED = "stopped"  # AFTER_STOP
    ACCEPTED = "accepted"  # BILLABLE
    EXTENSION_ACCEPTED = "extension_accepted"  # BILLABLE, through an offer that extends another
    CAP_USED_UP = "cap_used_up"  # OVER_CAP
    NO_ACCEPTANCE = "no_acceptance"  # PRE_DECISION: nothing has been accepted yet
    DONE = "done"  # PRE_DECISION: the concern was done, its offers completed
    ITEM_CHANGED = "item_changed"  # PRE_DECISION: re-assessed, a new offer is needed (rule 9)
    OFFER_COMPLETED = "offer_completed"  # PRE_DECISION
    OFFER_WITHDRAWN = "offer_withdrawn"  # PRE_DECISION


class FactKind(StrEnum):
    """Which table a FactRef points to."""

    ASSESSMENT = "assessment"
    OBJECTION = "objection"
    OFFER = "offer"
    DECISION = "decision"
    STOP = "stop"
    DONE = "done"
    ENTRY = "entry"
    GOODWILL = "goodwill"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class FactRef:
    """One fact that caused a class."""

    kind: FactKind
    id: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a minute has its class: a code and the facts that caused it."""

    code: Why
    because: tuple[FactRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of consecutive whole minutes [start, end) of one entry with one class, one offer and one reason.

    Instants are UTC. `offer_id` is set for BILLABLE only; the other classes name offers in their reason.
    """

    entry_id: int
    agent_id: int
    start: datetime
    end: datetime
    minutes: int
    minute_class: MinuteClass
    offer_id: int | None
    reason: Reason
