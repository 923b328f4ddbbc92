"""How editions and known problems move from state to state: the tables."""

from klarfall.core.machines import register
from klarfall.core.workflow import Machine, row
from klarfall.knowledge.status import EditionStatus as E
from klarfall.knowledge.status import ProblemStatus as P

EDITION = register(
    Machine(
        "knowledge.Edition",
        frozenset({E.DRAFT.value}),
        {
            "submit": row(E.DRAFT, E.REVIEW, "article.write"),
            "send_back": row(E.REVIEW, E.DRAFT, "article.publish"),
            "take_back": row((E.REVIEW, E.SCHEDULED), E.DRAFT, "article.write"),
            "schedule": row((E.DRAFT, E.REVIEW), E.SCHEDULED, "article.publish"),
            "publish": row((E.DRAFT, E.REVIEW, E.SCHEDULED), E.PUBLISHED, "article.publish"),
            "supersede": row(E.PUBLISHED, E.SUPERSEDED, "article.publish"),
        },
    )
)
PROBLEM = register(
    Machine(
        "knowledge.KnownProblem",
        frozenset({P.OPEN.value, P.WORKAROUND.value}),
        {
            "work_around": row(P.OPEN, P.WORKAROUND, "problem.manage"),
            "doubt": row(P.WORKAROUND, P.OPEN, "problem.manage"),
            "fix": row((P.OPEN, P.WORKAROUND), P.FIXED, "problem.manage"),
            "close": row((P.OPEN, P.WORKAROUND), P.CLOSED, "problem.manage"),
            "reopen": row((P.FIXED, P.CLOSED), P.OPEN, "problem.manage"),
        },
    )
)
