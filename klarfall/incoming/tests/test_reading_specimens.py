"""Each specimen is read as its file says: visible text, folded rest, harmless HTML, and whether a machine wrote it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from klarfall.incoming.parsing.message import parse
from klarfall.incoming.parsing.parsed import ParsedMail
from klarfall.incoming.reading.html import harmless
from klarfall.incoming.reading.machines import machine_reason
from klarfall.incoming.reading.visible import visible

SPECIMENS = Path(__file__).parent / "specimens"
NAMES = sorted(path.stem for kind in ("text", "html", "auto") for path in SPECIMENS.glob(f"{kind}-*.eml"))
OWN = {"support@vendor.example"}


@cache
def _mail(name: str) -> ParsedMail:
    return parse((SPECIMENS / f"{name}.eml").read_bytes())


def _expected(name: str) -> dict[str, Any]:
    return json.loads((SPECIMENS / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_shows_what_was_written_now_and_keeps_every_line(name: str) -> None:
    mail, expected = _mail(name), _expected(name)
    seen = visible(mail)
    assert seen.text == expected["text"]
    for piece in expected["rest_contains"]:
        assert piece in seen.rest
    if not expected["rest_contains"]:
        assert seen.rest == ""
    lines = [line.rstrip() for line in mail.text.split("\n") if line.strip()]
    assert sorted(lines) == sorted(line for line in f"{seen.text}\n{seen.rest}".split("\n") if line.strip())


@pytest.mark.parametrize("name", NAMES)
def test_knows_machines_from_persons(name: str) -> None:
    expected = _expected(name)
    reason = machine_reason(_mail(name), OWN)
    assert reason == expected.get("reason", "")
    assert bool(reason) == (expected["outcome"] == "ignored_auto")


@pytest.mark.parametrize("name", [name for name in NAMES if {"html_contains", "html_lacks"} & set(_expected(name))])
def test_shows_harmless_html(name: str) -> None:
    mail, expected = _mail(name), _expected(name)
    shown = harmless(mail.html)
    for piece in expected.get("html_contains", []):
        assert piece in shown.html
    for piece in expected.get("html_lacks", []):
        assert piece not in shown.html
    assert shown.remote_images == expected.get("remote_images", shown.remote_images)


def test_every_kind_has_enough_specimens() -> None:
    assert len(NAMES) >= 90
