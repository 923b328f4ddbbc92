"""What machines write is known by its headers and subjects; a person's sentence never is."""

from collections.abc import Mapping

import pytest

from klarfall.incoming.parsing.parsed import Address, DeliveryReport, ParsedMail
from klarfall.incoming.reading.machines import machine_reason

OWN = {"support@vendor.example", "hilfe@vendor.example"}


def _mail(
    subject: str = "Drucker", address: str = "bernd@acme.example", text: str = "Hallo", **headers: str
) -> ParsedMail:
    named: Mapping[str, list[str]] = {name.replace("_", "-"): [value] for name, value in headers.items()}
    replies = ("<notice@vendor.example>",) if headers.get("in_reply_to") else ()
    return ParsedMail(
        sender=Address("Bernd Brühl", address), subject=subject, text=text, headers=named, in_reply_to=replies
    )


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "auto_submitted"),
        ({"auto_submitted": "auto-generated; owner-email=x"}, "auto_submitted"),
        ({"auto_submitted": "Auto-Notified"}, "auto_submitted"),
        ({"auto_submitted": "no"}, ""),
        ({"auto_submitted": " No ; x"}, ""),
        ({"precedence": "bulk"}, "precedence"),
        ({"precedence": "Junk"}, "precedence"),
        ({"precedence": "list"}, "precedence"),
        ({"precedence": "normal"}, ""),
        ({"precedence": "first-class"}, ""),
        ({"x_autoreply": "yes"}, "vacation"),
        ({"x_autorespond": "Re: x"}, "vacation"),
        ({"x_autoreply": "no"}, ""),
        ({"x_auto_response_suppress": "OOF"}, ""),
        ({"x_auto_response_suppress": "DR, OOF, AutoReply"}, ""),
        ({"x_auto_response_suppress": "All"}, ""),
        ({"x_auto_response_suppress": "All", "in_reply_to": "<x>"}, "auto_submitted"),
        ({"x_mailer": "vacation 1.2"}, "vacation"),
        ({"x_mailer": "Microsoft Outlook 16.0"}, ""),
        ({"list_unsubscribe": "<https://x.example/off>"}, "list"),
        ({"list_unsubscribe": "<https://x.example/off>", "list_id": "<a.x.example>", "precedence": "bulk"}, "list"),
        ({"list_unsubscribe": "<mailto:x>", "list_post": "<mailto:it@acme.example>", "precedence": "list"}, ""),
        ({"list_unsubscribe": "<mailto:x>", "list_post": "<mailto:it@x.example>", "feedback_id": "1"}, "list"),
        ({"feedback_id": "1:2:3"}, ""),
        ({"return_path": "<>"}, "null_sender"),
        ({"return_path": "<bernd@acme.example>"}, ""),
        ({"sender": "Support <SUPPORT@vendor.example>"}, "own_address"),
        ({"content_type": "multipart/report; report-type=delivery-status"}, "report"),
        ({"content_type": 'multipart/report; report-type="disposition-notification"'}, "receipt"),
        ({"x_failed_recipients": "bernd@acme.example"}, "report"),
    ],
)
def test_reads_headers(headers: dict[str, str], reason: str) -> None:
    assert machine_reason(_mail(**headers), OWN) == reason


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("support@vendor.example", "own_address"),
        ("hilfe+r17-abcdef@vendor.example", "own_address"),
        ("support@vendor.example.evil.example", ""),
        ("mailer-daemon@acme.example", "report"),
        ("postmaster@acme.example", ""),
        ("no-reply@acme.example", ""),
        ("", ""),
    ],
)
def test_reads_senders(sender: str, reason: str) -> None:
    assert machine_reason(_mail(address=sender), OWN) == reason


def test_knows_reports_and_receipts_that_were_parsed() -> None:
    report = DeliveryReport("failed", "5.1.1", "x@acme.example", "<a@vendor.example>", "")
    assert machine_reason(ParsedMail(report=report), OWN) == "report"
    assert machine_reason(ParsedMail(is_receipt=True), OWN) == "receipt"
    assert machine_reason(_mail("Undelivered Mail Returned to Sender", "postmaster@acme.example"), OWN) == "report"


def test_an_envelope_without_sender_is_none_of_a_person() -> None:
    assert machine_reason(_mail(), OWN, null_sender=True) == "null_sender"
    assert machine_reason(_mail(precedence="bulk"), OWN, null_sender=True) == "precedence"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatische Antwort: Drucker",
        "AUTOMATISCHE ANTWORT: AW: x",
        "Automatische Antwort",
        "Abwesenheitsnotiz",
        "Abwesenheitsnotiz: x",
        "Abwesenheitsnachricht: x",
        "Abwesenheitsnotiz von Bernd",
        "Abwesenheit vom 1. bis 5. Januar",
        "Out of Office: x",
        "Out of the office",
        "Out of Office Re: x",
        "Automatic reply: x",
        "Auto Reply: x",
        "Auto-Reply: x",
        "Autoreply: x",
        "Auto: Re: x",
        "Auto: AW: x",
        "Autoantwort: x",
        "AUTO: Bernd Brühl ist außer Haus (Rückkehr am 20.01.2026)",
        "Auto-Antwort: x",
        "Automatisch generierte Antwort: x",
        "On vacation",
        "Away from my mail",
        "Bernd Brühl ist nicht im Büro",
        "Im Urlaub",
        "Abwesend",
        "Automatische Eingangsbestätigung: x",
        "Vacation reply: x",
        "Ich bin nicht im Büro",
        "Réponse automatique : x",
    ],
)
def test_knows_subjects_of_automatic_answers(subject: str) -> None:
    assert machine_reason(_mail(subject), OWN) == "auto_subject"


@pytest.mark.parametrize(
    "subject",
    [
        "Abwesenheitsnotiz lässt sich nicht einrichten",
        "Automatische Antworten abschalten",
        "Out of office assistant is broken",
        "AW: Automatische Antwort: Drucker",
        "Auto: Fahrtkosten",
        "Frage: Abwesenheitsnotiz",
        "Frau Schmidt ist nicht im Büro",
        "Automatische Antwort der Telefonanlage falsch",
        "Gelesen: und nicht verstanden",
        "Read: the manual is wrong",
        "Unzustellbar: Briefe kommen zurück",
        "Undeliverable invoices",
        "Autoreply einrichten",
        "Im Urlaub Zugriff sperren",
        "Zustellung verzögert",
        "Abwesenheit der Verwaltung im Kalender fehlt",
        "Delivery Status Notification einrichten",
        "",
    ],
)
def test_takes_no_persons_sentence_for_an_automatic_answer(subject: str) -> None:
    assert machine_reason(_mail(subject), OWN) == ""


def test_reads_hostile_headers_in_no_time() -> None:
    huge = "a" * 1_000_000
    assert machine_reason(_mail("re: " * 100_000, address=huge, sender=huge, x_mailer=huge, precedence=huge), OWN) == ""
    assert machine_reason(_mail("Bernd " * 50_000, text="wurde " * 100_000), OWN) == ""
