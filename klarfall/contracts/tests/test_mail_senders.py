"""Mails about a product come from an address of ours and have lines of ours under them."""

import pytest

from klarfall.contracts.mail_senders import SenderRefused, checked_sender, checked_signature
from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as


@pytest.fixture(autouse=True)
def house(cast, settings):
    settings.DEFAULT_FROM_EMAIL = "support@vendor.example"
    with viewing_as(SYSTEM):
        ContactChannel.objects.create(product=cast.erp, kind="email", value="hilfe@kontor.example")
    with viewing_as(SYSTEM, fresh=True):
        yield


@pytest.mark.parametrize("address", ["Kontor@Vendor.example ", "hilfe@kontor.example", "erp@kontor.example", ""])
def test_addresses_at_our_domains_are_ours(address):
    assert checked_sender(address) == address.strip().lower()


@pytest.mark.parametrize(
    "address",
    [
        *("nobody", "a@elsewhere.example", "a@sub.vendor.example", "a@vendor.example\nBcc: b@vendor.example"),
        *("support+x@vendor.example", "@vendor.example", "a@notvendor.example"),
    ],
)
def test_anything_else_is_refused_beside_its_field(address):
    with pytest.raises(SenderRefused) as refused:
        checked_sender(address)
    assert refused.value.field == "mail_from"


def test_a_signature_keeps_its_lines_and_nothing_that_cannot_be_shown():
    assert checked_signature(" Ihr Team\r\nKontor  \x00\u202e\n\nTel. 030 1\n") == "Ihr Team\nKontor\n\nTel. 030 1"
    assert checked_signature("") == ""


@pytest.mark.parametrize("text", ["x\n" * 13 + "x", "x" * 601])
def test_a_long_signature_is_refused(text):
    with pytest.raises(SenderRefused) as refused:
        checked_signature(text)
    assert refused.value.field == "mail_signature"
