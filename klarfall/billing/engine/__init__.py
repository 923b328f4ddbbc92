"""The billing engine: everything recorded about one concern → minutes with a class and a reason → lines.

Pure: no database, no Django, no current time. Source of every rule: domain.md, section 6. How to use it:

    facts = ConcernFacts(assessments=…, objections=…, offers=…, stops=…, done=…, reopened=…, entries=…, locked=…)

    classify(facts)                 → iterator of Segment; recorded entries only
    classify(facts, until=now)      → the same up to `now`, running timers included
    standing(facts, now)            → Standing: what a minute of work begun now would be, and why
    totals(segments)                → minutes per MinuteClass (every class present)
    balances(facts, now)            → Balance per accepted offer: used and remaining minutes and euros
    predict(facts, now)             → Forecast per accepted offer: when 80 % and the cap are reached
    binding_terms(facts)            → (increment, minimum) of the first accepted offer, None before (rule 3)
    bill(facts, vat, until=None)    → Line per offer, VAT rate and kind: the complete recomputation (rules 4-6)
    due(lines, frozen)              → what of it is not billed yet, and what must be taken back (rule 7)
    vat_totals(amounts)             → VAT once per category and rate (rule 8)
    finished(facts)                 → the same facts without running timers
    effective_minutes(cap_minutes, cap_net, rate), choose_cap(offered, chosen, rate) | CapRefused,
    exposure(caps, rate), warning_minutes(effective), net_of(minutes, rate), round2(amount), snap(start, end)
"""

from klarfall.billing.engine.bill import bill
from klarfall.billing.engine.caps import (
    CapProblem,
    CapRefused,
    Caps,
    choose_cap,
    effective_minutes,
    exposure,
    net_of,
    round2,
)
from klarfall.billing.engine.classes import classify, totals
from klarfall.billing.engine.dues import Due, Frozen, due
from klarfall.billing.engine.facts import (
    Acceptance,
    Assessment,
    ConcernFacts,
    Done,
    Ending,
    FactKind,
    FactRef,
    Goodwill,
    Locked,
    MinuteClass,
    Objection,
    Offer,
    OfferEnd,
    Outcome,
    Purpose,
    Reason,
    Reopened,
    Segment,
    Stop,
    TimeEntry,
    Why,
    finished,
)
from klarfall.billing.engine.forecast import (
    Balance,
    Forecast,
    Standing,
    balances,
    predict,
    standing,
    warning_minutes,
)
from klarfall.billing.engine.lines import Line, LineKind, LineReason, VatPeriod, VatTotal, vat_totals
from klarfall.billing.engine.minutes import snap
from klarfall.billing.engine.offer_runs import binding_terms

__all__ = [
    "Acceptance",
    "Assessment",
    "Balance",
    "CapProblem",
    "CapRefused",
    "Caps",
    "ConcernFacts",
    "Done",
    "Due",
    "Ending",
    "FactKind",
    "FactRef",
    "Forecast",
    "Frozen",
    "Goodwill",
    "Line",
    "LineKind",
    "LineReason",
    "Locked",
    "MinuteClass",
    "Objection",
    "Offer",
    "OfferEnd",
    "Outcome",
    "Purpose",
    "Reason",
    "Reopened",
    "Segment",
    "Standing",
    "Stop",
    "TimeEntry",
    "VatPeriod",
    "VatTotal",
    "Why",
    "balances",
    "bill",
    "binding_terms",
    "choose_cap",
    "classify",
    "due",
    "effective_minutes",
    "exposure",
    "finished",
    "net_of",
    "predict",
    "round2",
    "snap",
    "standing",
    "totals",
    "vat_totals",
    "warning_minutes",
]
