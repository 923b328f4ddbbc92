"""All specimens through the whole pipeline: stored, parsed, filed; each ends as its file says."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming.management.commands.receive_mail import about
from klarfall.incoming.models import IncomingMail
from klarfall.incoming.tests.mails import OURS, taken_in
from tests.cast import make_contact

SPECIMENS = Path(__file__).parent / "specimens"
NAMES = sorted(path.stem for path in SPECIMENS.glob("*.eml"))


def _expected(name: str) -> dict[str, Any]:
    return json.loads((SPECIMENS / f"{name}.json").read_text())


@pytest.fixture
def house(cast: Any, settings: Any) -> None:
    """The house that the specimens write to: its address, and Emil beside Bernd."""
    settings.MAIL_SENDER_CAP = 1_000_000  # all of them arrive within one hour
    with viewing_as(SYSTEM):
        ContactChannel.objects.create(product=cast.erp, kind="email", value=OURS)
        make_contact("Emil", cast.acme, visibility="all")
    cache.clear()


def test_there_are_at_least_a_hundred():
    assert len(NAMES) >= 100
    assert {path.stem for path in SPECIMENS.glob("*.json")} == set(NAMES)


def test_every_specimen_ends_as_its_file_says(house: None, monkeypatch: pytest.MonkeyPatch):
    """One database for all of them; every difference is told, not the first only."""
    monkeypatch.setattr("klarfall.incoming.caps.SAME_THREAD", 1_000_000)
    wrong = [difference for name in NAMES for difference in _differences(name)]
    assert not wrong, "\n".join(wrong)


def _differences(name: str) -> list[str]:
    expected = _expected(name)
    mail = taken_in((SPECIMENS / f"{name}.eml").read_bytes())
    found = about(mail)
    names = {"sender": "sender", "subject": "subject", "text": "visible_text", "attachments": "attachment_names"}
    names |= {"outcome": "outcome", "reason": "reason"}
    wrong = [
        f"{name}: {key} is {found[real]!r}, expected {expected[key]!r}"
        for key, real in names.items()
        if key in expected and found[real] != expected[key]
    ]
    wrong += [f"{name}: html lacks {word!r}" for word in expected.get("html_contains", []) if word not in found["html"]]
    wrong += [f"{name}: html has {word!r}" for word in expected.get("html_lacks", []) if word in found["html"]]
    return wrong + _lost(name, mail)


def _lost(name: str, mail: IncomingMail) -> list[str]:
    """What was filed is in the request: its text, and every file that has a content."""
    if mail.message is None:
        return []
    with viewing_as(SYSTEM):
        text, files = mail.message.text, mail.message.attachments.count()
    return [f"{name}: no text"] if not text else [f"{name}: lost a file"] if mail.files and not files else []
