"""The mails of the benchmark: ordinary ones of many people, all different, and the house to which they are written."""

import base64
import random
from collections.abc import Iterator
from datetime import date

COMPANIES, PEOPLE = 100, 4
#: What a person writes and quotes; with HTML beside it a mail has six to nine kB, as one from an office has.
_SENTENCES = (
    "die Abrechnung der Liegenschaft lässt sich seit gestern nicht mehr öffnen.",
    "Beim Druck des Mahnlaufs fehlen die Beträge in der letzten Spalte.",
    "Können Sie bitte nachsehen, ob der Export an die Bank angekommen ist?",
    "Vielen Dank für die schnelle Antwort; leider hat der Neustart nichts geändert.",
)


def fill() -> None:
    """Companies with a contract and their people; the vendor and the product stand already (`bench.base`)."""
    from bench import base
    from klarfall.accounts.models import Kind, User
    from klarfall.contracts.models import ContactChannel, Contract, ContractLine, Product
    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.customers.models import Contact, Customer

    ids = base.seed()
    with viewing_as(SYSTEM):
        product = Product.objects.get(pk=ids["product"])
        ContactChannel.objects.get_or_create(product=product, kind="email", value="support@vendor.example")
        for number in range(COMPANIES):
            customer = Customer.objects.create(number=f"M-{number}", name=f"Firma {number}")
            values = {"kind": "maintenance", "number": f"W-{number}", "starts_on": date(2020, 1, 1)}
            contract = Contract.objects.create(customer=customer, **values)
            line = {"calendar_id": ids["calendar"], "channels": ["email"]}
            ContractLine.objects.create(customer=customer, contract=contract, product=product, **line)
            for person in range(PEOPLE):
                user = User.objects.create_user(address(number, person), name=f"Person {person}", kind=Kind.CONTACT)
                Contact.objects.create(customer=customer, user=user, roles=["requester"])


def address(company: int, person: int) -> str:
    """The address of somebody who may write."""
    return f"p{person}@firma{company}.example"


def messages(count: int, seed: int = 1) -> Iterator[bytes]:
    """So many mails: three of four new requests, the rest answers to them; one of ten with a file of 60 kB."""
    dice = random.Random(seed)
    for number in range(count):
        company, person = dice.randrange(COMPANIES), dice.randrange(PEOPLE)
        answers = number % 4 == 3
        yield _message(number, address(company, person), dice, answers=answers)


def _message(number: int, sender: str, dice: random.Random, *, answers: bool) -> bytes:
    words = "\r\n\r\n".join(dice.choice(_SENTENCES) for _ in range(dice.randint(3, 8)))
    quote = "\r\n".join(f"> {dice.choice(_SENTENCES)}" for _ in range(12))
    text = f"Guten Tag,\r\n\r\n{words}\r\n\r\nMit freundlichen Grüßen\r\nPerson\r\n"
    if answers:
        text += f"\r\nAm 24.11.2026 um 09:00 schrieb Support <support@vendor.example>:\r\n{quote}\r\n"
    html = "".join(f'<p style="margin:0;font-family:Calibri">{line}</p>' for line in text.split("\r\n"))
    html = f'<html><head><style>p.x {{color:#123}}</style></head><body lang="DE">{html}</body></html>'
    headers = [
        f"Received: from mx.{sender.partition('@')[2]} by mx.vendor.example; Tue, 24 Nov 2026 09:00:00 +0100",
        f"From: =?utf-8?q?Person_M=C3=BCller?= <{sender}>",
        "To: Support <support@vendor.example>",
        f"Subject: =?utf-8?q?St=C3=B6rung_Nr=2E_{number}?=",
        f"Message-ID: <{number}.{dice.getrandbits(64):x}@{sender.partition('@')[2]}>",
        "Date: Tue, 24 Nov 2026 09:00:00 +0100",
        "MIME-Version: 1.0",
    ]
    body = _alternative(text, html)
    if number % 10 == 9:
        body = _with_file(body, dice.randbytes(60_000))
    return "\r\n".join([*headers, body]).encode()


def _alternative(text: str, html: str) -> str:
    parts = "".join(
        f"--alt\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(content.encode()).decode()}\r\n"
        for kind, content in (("plain", text), ("html", html))
    )
    return f'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n{parts}--alt--\r\n'


def _with_file(body: str, content: bytes) -> str:
    file = base64.encodebytes(content).decode()
    return (
        f'Content-Type: multipart/mixed; boundary="mix"\r\n\r\n--mix\r\n{body}\r\n--mix\r\n'
        'Content-Type: application/pdf; name="beleg.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="beleg.pdf"\r\n\r\n{file}\r\n--mix--\r\n'
    )


def large(megabytes: int) -> bytes:
    """A mail with one file of so many megabytes."""
    return _with_large(_alternative("Anbei.", "<p>Anbei.</p>"), random.Random(2).randbytes(megabytes << 20))


def _with_large(body: str, content: bytes) -> bytes:
    head = f"From: {address(0, 0)}\r\nTo: support@vendor.example\r\nSubject: Sicherung\r\nMessage-ID: <large@x>\r\n"
    return (head + _with_file(body, content)).encode()
