"""Amounts as people type them."""

from decimal import Decimal

import pytest

from klarfall.core.money import parse_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("296", "296"),
        ("296,00", "296.00"),
        ("296.00", "296.00"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567,89 €", "1234567.89"),
        (" 148,5 EUR ", "148.5"),
        ("1\u00a0234,00", "1234.00"),
        ("-5", "-5"),
    ],
)
def test_it_reads_comma_and_point(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "1.234", "1.234.567", "NaN", "Infinity", "1,2,3,", "12..5", "€", "1e400", "1E2", "9" * 13, "²", "--5"],
)
def test_it_refuses_what_is_unclear(typed):
    with pytest.raises(ValueError):
        parse_amount(typed)
