"""Whether an installed version has a problem: the rule as a table."""

from datetime import date
from types import SimpleNamespace

import pytest

from klarfall.knowledge.versions import Affected, affected, affects, release

YES, MAYBE, NO = Affected.YES, Affected.MAYBE, Affected.NO
V83 = release(released_on=date(2025, 5, 1), name="8.3", pk=9)
V840 = release(released_on=date(2026, 1, 15), name="8.4.0", pk=3)
V841 = release(released_on=date(2026, 3, 1), name="8.4.1", pk=2)
V842 = release(released_on=date(2026, 5, 1), name="8.4.2", pk=1)
#: Came out on the day of 8.4.2, for those who stay on the older line.
V835 = release(released_on=date(2026, 5, 1), name="8.3.5", pk=8)


@pytest.mark.parametrize(
    ("installed", "first", "last", "fixed_in", "expected"),
    [
        (None, None, None, None, MAYBE),
        (None, V840, V841, V842, MAYBE),
        (V841, None, None, None, YES),
        (V83, V840, None, None, NO),
        (V840, V840, None, None, YES),
        (V841, V840, V841, None, YES),
        (V842, V840, V841, None, NO),
        (V83, None, V841, None, YES),
        (V841, None, None, V842, YES),
        (V842, None, None, V842, NO),
        (V842, None, None, V841, NO),
        (V842, None, V842, V842, NO),
        (V841, V840, V840, V842, NO),
        (V841, V842, None, None, NO),
        (V835, V842, None, None, NO),
        (V842, None, V835, None, NO),
        (V842, V842, V842, None, YES),
    ],
)
def test_between_the_first_and_the_last_and_before_the_fix(installed, first, last, fixed_in, expected):
    assert affected(installed, first=first, last=last, fixed_in=fixed_in) is expected


def test_versions_follow_the_day_they_came_out_and_then_their_numbers():
    assert sorted([V842, V835, V841, V83, V840]) == [V83, V840, V841, V835, V842]
    assert release(released_on=date(2026, 1, 1), name="9.10") > release(released_on=date(2026, 1, 1), name="9.9")
    assert release(released_on=date(2026, 1, 1), name="x" * 40 + "1" * 5000).numbers == (111_111_111,)


def test_a_problem_is_asked_by_its_own_versions():
    row = SimpleNamespace(name="8.4.1", released_on=date(2026, 3, 1), pk=2)
    problem = SimpleNamespace(affected_from=None, affected_to=row, fixed_in=None)
    assert affects(problem, V840) is YES
    assert affects(problem, V842) is NO
    assert affects(problem, None) is MAYBE
