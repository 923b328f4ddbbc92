"""The entitlement checklist: three plain answers."""

import pytest

from klarfall.contracts.entitlement import Point, checklist, is_entitled


@pytest.mark.parametrize(
    ("channels", "channel", "belongs", "met"),
    [
        (["portal", "phone"], "portal", True, [True, True, True]),
        (["portal"], "phone", True, [True, True, False]),
        (None, "portal", True, [False, True, False]),
        (["portal"], "portal", False, [True, False, True]),
        ([], "portal", False, [True, False, False]),
    ],
)
def test_checklist(channels, channel, belongs, met):
    checks = checklist(channels=channels, channel=channel, contact_belongs=belongs)
    assert [check.point for check in checks] == list(Point)
    assert [check.met for check in checks] == met
    assert is_entitled(checks) == all(met)
