"""Reply addresses name a request to us and nothing to anybody else; own addresses are recognised."""

import re
from types import SimpleNamespace

import pytest

from klarfall.channels.own_addresses import is_own, own_addresses
from klarfall.channels.reply_addresses import reply_address, ticket_id_in
from klarfall.contracts.models import ContactChannel, Product
from klarfall.core.isolation import SYSTEM, viewing_as

BASE = "support@vendor.example"


def row(pk):
    return SimpleNamespace(pk=pk)


@pytest.mark.parametrize("ticket", [1, 42, 2**31, 2**40 - 1])
@pytest.mark.parametrize("user", [1, 77])
def test_an_address_names_its_ticket(ticket, user):
    address = reply_address(BASE, row(ticket), row(user))
    assert re.fullmatch(r"support\+r[a-z2-7]{32}@vendor\.example", address)
    assert ticket_id_in(address) == ticket
    assert ticket_id_in(f" {address.upper()} ") == ticket, "servers fold case"


def test_an_address_is_the_same_each_time_and_another_for_everybody_else():
    found = {reply_address(BASE, row(ticket), row(user)) for ticket in range(1, 40) for user in range(1, 40)}
    assert len(found) == 39 * 39
    assert reply_address(BASE, row(3), row(4)) in found


def test_neighbours_share_no_visible_part():
    one, other = (reply_address(BASE, row(pk), row(1)).partition("+r")[2][:32] for pk in (1, 2))
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 12


def test_each_changed_sign_makes_it_none_of_ours():
    address = reply_address(BASE, row(42), row(7))
    start = address.index("+r") + 2
    for place in range(start, start + 32):
        other = "a" if address[place] != "a" else "b"
        assert ticket_id_in(address[:place] + other + address[place + 1 :]) is None


FOREIGN = [
    *("", "@", BASE, "+r" * 5000, "ß" * 300, f"+r{'a' * 32}", "a\x00+r@b"),
    *(f"support+r{token}@vendor.example" for token in ("", "a" * 32, "a" * 31, "1" * 32)),
]


@pytest.mark.parametrize("address", FOREIGN)
def test_anything_else_names_nothing(address):
    assert ticket_id_in(address) is None


def test_another_installation_cannot_make_one(settings):
    address = reply_address(BASE, row(42), row(7))
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    assert ticket_id_in(address) is None
    settings.SECRET_KEY_FALLBACKS = [ours]
    assert ticket_id_in(address) == 42, "after the secret was changed, mails already sent can be answered"


def test_no_token_where_subaddresses_are_off_or_too_long(settings):
    long = f"{'s' * 40}@vendor.example"
    assert reply_address(long, row(1), row(1)) == long
    address = reply_address(BASE, row(1), row(1))
    settings.MAIL_SUBADDRESSES = False
    assert reply_address(BASE, row(1), row(1)) == BASE
    assert ticket_id_in(address) == 1


def test_own_addresses_are_senders_and_channels(cast, settings):
    settings.DEFAULT_FROM_EMAIL = "House@Vendor.example"
    with viewing_as(SYSTEM):
        product = Product.objects.first()
        Product.objects.filter(pk=product.pk).update(mail_from="Product@vendor.example")
        ContactChannel.objects.create(product=product, kind="email", value="Old@vendor.example", active=False)
    with viewing_as(SYSTEM, fresh=True):
        assert own_addresses() >= {"house@vendor.example", "product@vendor.example", "old@vendor.example"}
        assert is_own("PRODUCT+r123@Vendor.Example")
        assert is_own(" old@vendor.example ")
        assert not is_own("product@elsewhere.example")
        assert not is_own("")
        assert not is_own("@vendor.example")
