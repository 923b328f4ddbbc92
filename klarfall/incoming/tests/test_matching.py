"""Who gets into which request by mail: the table *sender × what the mail names × which request*."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache

from klarfall.billing.actions import assessments, resolution
from klarfall.billing.actions.assessments import Verdict
from klarfall.channels.models import Notice
from klarfall.channels.reply_addresses import reply_address
from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer
from klarfall.incoming import authentication
from klarfall.incoming.matching import numbers_in
from klarfall.incoming.parsing.message import parse
from klarfall.incoming.tests.mails import OURS, arrives, taken_in, written
from klarfall.tickets.models import Message, Ticket
from tests.cast import NOW, berlin, make_contact, make_contract, make_customer

NOTICE = "<notice-1@vendor.example>"


@dataclass
class House:
    """A request of Bernd's, a confidential one of his, and everybody who writes about them."""

    open: Ticket
    confidential: Ticket
    people: dict[str, str]


@pytest.fixture
def house(cast: Any, make_ticket: Any, system: None) -> House:
    ContactChannel.objects.create(product=cast.erp, kind="email", value=OURS)
    cache.clear()
    Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=["acme.example"])
    make_contact("Emil", cast.acme, visibility="all")
    make_contact("Gesa", cast.acme, "customer_admin")
    make_contact("Ines", cast.acme, visibility="all", is_active=False)
    ticket, secret = make_ticket(), make_ticket(title="Gehälter", confidential=True)
    known = {"status": "sent", "created_at": NOW, "recipient": cast.bernd.user, "kind": "received"}
    for number, one in enumerate((ticket, secret), 1):
        mail_id = f"<notice-{number}@vendor.example>"
        Notice.objects.create(customer=cast.acme, ticket=one, key=mail_id, message_id=mail_id, **known)
    people = ("bernd", "emil", "gesa", "astrid", "ines", "nina")
    addresses = {name: f"{name}@acme.example" for name in people}
    addresses |= {"clara": "clara@borealis.example", "stranger": "stranger@elsewhere.example"}
    return House(ticket, secret, addresses | {"anna": "anna@vendor.example"})


def _naming(house: House, ticket: Ticket, way: str) -> dict[str, Any]:
    """What a mail has to say to name a request."""
    with viewing_as(SYSTEM):
        token = reply_address(OURS, ticket, Contact.objects.select_related("user").get(pk=ticket.contact_id).user)
    notice = "<notice-1@vendor.example>" if ticket == house.open else "<notice-2@vendor.example>"
    return {
        "answer": {"in_reply_to": notice, "references": f"<first@vendor.example> {notice}"},
        "references": {"references": f"{notice} <other@acme.example>"},
        "token": {"to": token},
        "envelope": {"envelope_to": [token], "to": "bernd@acme.example"},
        "delivered": {"Delivered_To": token},
        "number": {"subject": f"AW: [KF-{ticket.number}] Saldo stimmt nicht"},
        "bare number": {"subject": f"Frage zu kf-{ticket.number}"},
    }[way]


WAYS = {
    "answer": "thread", "references": "thread", "token": "token", "envelope": "token", "delivered": "token",
    "number": "number", "bare number": "number",
}  # fmt: skip
#: sender -> (outcome for the open request, for the confidential one); None: how it was found.
SENDERS = {
    "bernd": ("reply_to", "reply_to"),
    "emil": ("reply_to", "new_ticket"),
    "gesa": ("reply_to", "reply_to"),
    "astrid": ("new_ticket", "new_ticket"),
    "clara": ("new_ticket", "new_ticket"),
    "stranger": ("quarantine", "quarantine"),
    "nina": ("quarantine", "quarantine"),
    "ines": ("quarantine", "quarantine"),
    "anna": ("quarantine", "quarantine"),
}
HELD = {"stranger": "unknown_sender", "nina": "unknown_person", "ines": "not_active", "anna": "staff"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sender", SENDERS)
def test_only_who_sees_a_request_gets_into_it(house: House, sender: str, way: str):
    for ticket, expected in zip((house.open, house.confidential), SENDERS[sender], strict=True):
        before = Message.objects.filter(ticket=ticket).count()
        mail = arrives(house.people[sender], **_naming(house, ticket, way))
        reason = {"reply_to": WAYS[way], "new_ticket": "foreign_ticket", "quarantine": HELD.get(sender)}[expected]
        assert (mail.outcome, mail.reason) == (expected, reason)
        assert (mail.ticket == ticket) == (expected == "reply_to")
        assert Message.objects.filter(ticket=ticket).count() == before + (expected == "reply_to")


@pytest.mark.parametrize("way", ["token", "number"])
def test_who_only_reads_invoices_adds_nothing_to_requests_of_others(house: House, cast: Any, way: str):
    """What they see in the portal lets nobody write; nor does what the mail names."""
    for name, visibility in (("Irma", "own"), ("Ivo", "all")):
        make_contact(name, cast.acme, "billing_viewer", visibility=visibility)
        before = Message.objects.filter(ticket=house.open).count()
        mail = arrives(f"{name.lower()}@acme.example", **_naming(house, house.open, way))
        assert (mail.outcome, mail.reason, mail.message) == ("quarantine", "not_allowed", None)
        assert Message.objects.filter(ticket=house.open).count() == before


def test_a_stranger_of_a_known_company_comes_with_a_suggestion(house: House, cast: Any):
    assert arrives("nina@acme.example").customer == cast.acme
    assert arrives("stranger@elsewhere.example").customer is None


def test_the_case_of_an_address_makes_no_difference(house: House):
    mail = arrives("BERND@Acme.Example", subject=f"Re: KF-{house.open.number}")
    assert (mail.outcome, mail.ticket) == ("reply_to", house.open)


def test_answers_to_a_mail_that_came_in_belong_to_it(house: House):
    first = arrives(subject="Neues Thema", message_id="<first@acme.example>")
    second = arrives(subject="AW: Neues Thema", in_reply_to="<first@acme.example>")
    assert (second.outcome, second.ticket) == ("reply_to", first.ticket)
    colleague = arrives("emil@acme.example", subject="Re: Neues Thema", references="<first@acme.example>")
    assert (colleague.outcome, colleague.ticket) == ("reply_to", first.ticket)


def test_what_is_seen_counts_before_what_is_foreign(house: House):
    """A foreign number in front of one's own does not shut anybody out, nor lets it them in."""
    own = arrives("clara@borealis.example", subject="Eigenes")
    subject = f"[KF-{house.open.number}] [KF-{own.ticket.number}]"
    mail = arrives("clara@borealis.example", subject=subject, in_reply_to=NOTICE)
    assert (mail.outcome, mail.ticket) == ("reply_to", own.ticket)


@pytest.mark.parametrize(
    "given",
    [
        {"text": "Siehe [KF-{number}]."},
        {"html": "<style>.x { content: '[KF-{number}]' }</style><p title='KF-{number}'>KF-{number}</p>"},
        {"files": {"KF-{number}.txt": b"x"}},
        {"subject": "Rechnung 4711-{number}"},
        {"subject": "XKF-{number}"},
        {"subject": "KF-{number}x"},
        {"X_Ticket": "KF-{number}"},
    ],
)
def test_a_number_counts_in_the_subject_only(house: House, given: dict[str, Any]):
    number = str(house.open.number)

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {put(key): content for key, content in value.items()}
        return value.replace("{number}", number)

    mail = arrives(**{name: put(value) for name, value in given.items()})
    assert (mail.outcome, mail.reason) == ("new_ticket", "")


def test_numbers_in_brackets_count_first(house: House):
    assert numbers_in("KF-2 zu [KF-1], kf-3 und KF-2") == [1, 2, 3]
    assert numbers_in("KF-1234567890123456789") == []


@pytest.mark.parametrize("senders", ["", "a@acme.example, bernd@acme.example", "Bernd", "undisclosed:;"])
def test_nobody_or_several_are_no_sender(house: House, senders: str):
    raw = f"From: {senders}\r\nSender: bernd@acme.example\r\nSubject: x\r\nMessage-ID: <{senders[:3]}1@x>\r\n\r\nHallo"

    mail = taken_in(raw.encode())
    assert (mail.outcome, mail.reason) == ("quarantine", "no_sender")


def test_a_second_from_header_is_no_sender(house: House):

    raw = b"From: bernd@acme.example\r\nFrom: stranger@elsewhere.example\r\nSubject: x\r\n\r\nHallo"
    assert taken_in(raw).reason == "no_sender"


@pytest.fixture
def two_companies(house: House, cast: Any) -> Contact:
    """Bernd works for a daughter as well, which has its own contract for another product."""
    daughter = make_customer("Tochter", mail_domains=["tochter.example"])
    make_contract(daughter, cast.other, calendar=cast.calendar)
    return Contact.objects.create(customer=daughter, user=cast.bernd.user, roles=["requester"])


def test_who_acts_for_several_is_taken_by_the_request(house: House, two_companies: Contact, cast: Any):
    mail = arrives(subject=f"[KF-{house.open.number}]")
    assert (mail.outcome, mail.customer, mail.contact) == ("reply_to", cast.acme, cast.bernd)


def test_who_acts_for_several_is_taken_by_their_domain(two_companies: Contact, cast: Any):
    assert arrives().customer == cast.acme


def test_who_acts_for_several_is_taken_by_the_contract(two_companies: Contact, cast: Any):
    Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=[])
    ContactChannel.objects.create(product=cast.other, kind="email", value="lager@vendor.example")
    cache.clear()
    mail = arrives(to="lager@vendor.example")
    assert (mail.customer, mail.ticket.product) == (two_companies.customer, cast.other)


def test_who_acts_for_several_and_says_nothing_waits(two_companies: Contact, cast: Any):
    Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=[])
    ContactChannel.objects.all().delete()
    cache.clear()
    mail = arrives()
    assert (mail.outcome, mail.reason) == ("quarantine", "several_customers")


PASSED = "mx.vendor.example; spf=pass smtp.mailfrom=x@acme.example; dkim=pass header.d=acme.example; dmarc={0}"
FORGED = PASSED.format("pass header.from=acme.example")


@pytest.mark.parametrize(
    ("headers", "outcome", "dmarc"),
    [
        ([], "quarantine", None),
        ([PASSED.format("pass header.from=acme.example")], "new_ticket", "pass"),
        ([PASSED.format("fail header.from=acme.example"), FORGED], "quarantine", "fail"),
        ([FORGED.replace("mx.vendor", "mx.evil")], "quarantine", None),
        (["mx.vendor.example; none", FORGED], "quarantine", None),
        (["mx.vendor.example; (((", FORGED], "quarantine", None),
    ],
)
def test_proof_counts_from_the_topmost_header_of_our_server_only(
    house: House, cast: Any, settings: Any, headers: list[str], outcome: str, dmarc: str | None
):
    settings.MAIL_TRUSTED_SERVERS = {"mx.vendor.example"}
    Customer.objects.filter(pk=cast.acme.pk).update(requires_proved_mail=True)

    top = "".join(f"Authentication-Results: {one}\r\n" for one in headers).encode()
    mail = taken_in(top + written().as_bytes())
    assert (mail.outcome, mail.authentication.get("dmarc")) == (outcome, dmarc)
    assert mail.reason == ("not_proved" if outcome == "quarantine" else "")


@pytest.mark.parametrize(
    "sender",
    [
        b"X: 1\rFrom: bernd@acme.example\r\rFrom: x@evil.example\r\n",
        b"From: bernd@acme.example (\r\n <x@evil.example>)\r\n",
        b"From: <@evil.example:bernd@acme.example>\r\n",
    ],
)
def test_a_proof_for_another_domain_than_that_of_the_sender_proves_nothing(
    house: House, cast: Any, settings: Any, sender: bytes
):
    """Our server and we may read such headers differently: it has proved whom it has read."""
    settings.MAIL_TRUSTED_SERVERS = {"mx.vendor.example"}
    Customer.objects.filter(pk=cast.acme.pk).update(requires_proved_mail=True)
    top = f"Authentication-Results: {PASSED.format('pass header.from=evil.example')}\r\n".encode()
    mail = taken_in(top + sender + b"Subject: x\r\n\r\nBitte erledigen.\r\n")
    assert mail.from_address == "bernd@acme.example"
    assert (mail.outcome, mail.reason) == ("quarantine", "not_proved")


@pytest.mark.parametrize(
    ("said", "proved"),
    [
        ("pass", True),
        ("pass header.from=acme.example", True),
        ("pass (p=none) header.from=ACME.example", True),
        ("pass header.from=cme.example", False),
        ("pass header.from=acme.example; dmarc=fail header.from=acme.example", False),
    ],
)
def test_a_dmarc_result_is_about_the_senders_domain(said: str, proved: bool):
    top = f"Authentication-Results: {PASSED.format(said)}\r\n".encode()
    for address in ("bernd@acme.example", "bernd@post.acme.example"):
        found = authentication.results(parse(top + written(address).as_bytes()), {"mx.vendor.example"})
        assert authentication.is_proved(found) == proved


def test_unproved_mails_of_others_are_taken(house: House):
    assert arrives().outcome == "new_ticket"


def test_a_solved_request_opens_again_and_a_closed_one_has_a_follow_up(house: House, cast: Any):

    verdict = Verdict(item=cast.item("COV-USE"), reason="Eine Frage zur Bedienung des Programms.")
    words = {"verdict": verdict, "answer": "So.", "resolution_kind": "use_clarified", "actor": cast.anna}
    solved = house.open
    assessments.answer_covered(solved, **words, now=NOW)
    again = arrives(subject=f"[KF-{solved.number}]", now=berlin("2026-11-25 09:00"))
    assert again.outcome == "reply_to"
    assert Ticket.objects.get(pk=solved.pk).is_live
    assessments.answer_covered(house.confidential, **words, now=NOW)
    resolution.close_due(berlin("2026-12-20 09:00"))
    late = arrives(subject=f"[KF-{house.confidential.number}]", now=berlin("2026-12-21 09:00"))
    assert (late.outcome, late.reason) == ("new_ticket", "follow_up")
    assert late.ticket.follow_up_of == house.confidential
    assert late.message.mail_id == late.mail_id
