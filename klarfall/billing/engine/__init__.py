"""The billing engine: everything recorded about one concern → minutes with a class and a reason (→ lines, rules 4-10).

Pure: no database, no Django, no current time. Source of every rule: domain.md, section 6. How to use it:

    facts = ConcernFacts(assessments=…, objections=…, offers=…, stops=…, done=…, reopened=…, entries=…, locked=…)

    classify(facts)                 → iterator of Segment; recorded entries only
    classify(facts, until=now)      → the same up to `now`, running timers included
    standing(facts, now)            → Standing: what a minute of work begun now would be, and why
    totals(segments)                → minutes per MinuteClass (every class present)
    balances(facts, now)            → Balance per accepted offer: used and remaining minutes and euros
    predict(facts, now)             → Forecast per accepted offer: when 80 % and the cap are reached
    binding_terms(facts)            → (increment, minimum) of the first accepted offer, None before (rule 3)
    effective_minutes(cap_minutes, cap_net, rate), choose_cap(offered, chosen, rate) | CapRefused,
    exposure(caps, rate), warning_minutes(effective), net_of(minutes, rate), round2(amount), snap(start, end)
"""

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
from klarfall.billing.engine.facts import (
    Acceptance,
    Assessment,
    ConcernFacts,
    Done,
    Ending,
    FactKind,
    FactRef,
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
    "Ending",
    "FactKind",
    "FactRef",
    "Forecast",
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
    "Why",
    "balances",
    "binding_terms",
    "choose_cap",
    "classify",
    "effective_minutes",
    "exposure",
    "net_of",
    "predict",
    "round2",
    "snap",
    "standing",
    "totals",
    "warning_minutes",
]
