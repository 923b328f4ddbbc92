"""Addresses at domains with letters of their own."""

import pytest

from klarfall.customers.registrations import person_with

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("domain", ["xn--strae-oqa.example", "xn--ma-xyz--.example", "xn--a.example"])
def test_a_domain_that_cannot_be_spelled_otherwise_is_nobodys(domain):
    assert person_with(f"erika@{domain}") is None
