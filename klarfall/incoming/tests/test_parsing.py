"""Each specimen is read as its file says: sender, subject, text, files, problems and reports."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from klarfall.incoming.parsing import message
from klarfall.incoming.parsing.addresses import addresses
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading.html import harmless
from klarfall.incoming.reading.visible import visible

SPECIMENS = Path(__file__).parent / "specimens"
KINDS = ("charset", "header", "body", "file", "sealed", "report")
NAMES = sorted(path.stem for kind in KINDS for path in SPECIMENS.glob(f"{kind}-*.eml"))


def _check_beginning(mail: ParsedMail, expected: dict[str, Any]) -> None:
    assert mail.sender.address == expected["sender"]
    assert mail.subject == expected["subject"]
    assert mail.sender.name == expected.get("sender_name", mail.sender.name)
    assert mail.message_id == expected.get("message_id", mail.message_id)
    if "sent_at" in expected:
        assert mail.sent_at == (expected["sent_at"] and datetime.fromisoformat(expected["sent_at"]))


def _check_report(mail: ParsedMail, expected: dict[str, Any]) -> None:
    assert mail.is_receipt == expected.get("is_receipt", False)
    report = mail.report and {
        "action": mail.report.action,
        "status": mail.report.status,
        "recipient": mail.report.recipient,
        "original_id": mail.report.original_id,
    }
    assert report == expected.get("report")
    assert mail.report is None or mail.report.explanation


@pytest.mark.parametrize("name", NAMES)
def test_reads_a_specimen(name: str) -> None:
    expected = json.loads((SPECIMENS / f"{name}.json").read_text())
    # without the net of parse(), which would hide a defect
    mail = message._parsed((SPECIMENS / f"{name}.eml").read_bytes())
    _check_beginning(mail, expected)
    assert visible(mail).text == expected["text"]
    assert [file.name for file in mail.files] == expected["attachments"]
    assert list(mail.problems) == expected.get("problems", [])
    _check_report(mail, expected)
    shown = harmless(mail.html).html
    assert all(piece in shown for piece in expected.get("html_contains", []))
    assert not any(piece in shown for piece in expected.get("html_lacks", []))


def test_there_are_many_specimens() -> None:
    assert len(NAMES) > 150


@pytest.mark.parametrize("written", ["\u212aarl@acme.example", "<karl@acme.example> <eve@acme.example>", "karl@"])
def test_takes_nobody_for_somebody_else(written: str) -> None:
    """The sign of kelvin is a k in small letters, and of two addresses nobody knows which one is meant."""
    assert {one.address for one in addresses(written)} != {"karl@acme.example"}


def test_knows_an_address_in_capitals() -> None:
    assert addresses("KARL@ACME.Example")[0].address == "karl@acme.example"
