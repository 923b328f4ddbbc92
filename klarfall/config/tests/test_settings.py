"""Settings as they come out for a laptop and for a server, each read in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAMES = [
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_NAME",
    "DEMO_ALLOWED",
    "EMBEDDED_DATABASE",
    "EMAIL_BACKEND",
    "SECRET_KEY",
]
SERVER = {
    "DATABASE_URL": "postgresql://login:p@db.example/klarfall",
    "BASE_URL": "https://support.example",
    "SECRET_KEY": "k" * 50,
    "EMAIL_URL": "smtp://mail.example",
}


def read(data_dir: Path, **environment: str) -> dict[str, object]:
    """Returns the settings that this environment leads to; raises with the error text if it leads to none."""
    chosen = f"{{name: getattr(settings, name) for name in {NAMES}}}"
    show = f"import json; from klarfall.config import settings; print(json.dumps({chosen}))"
    result = subprocess.run(
        [sys.executable, "-c", show],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise ValueError(result.stderr)
    return json.loads(result.stdout)


def test_a_laptop_needs_no_settings_and_may_show_the_demo(tmp_path):
    found = read(tmp_path)
    assert found["EMBEDDED_DATABASE"] is True
    assert found["DEMO_ALLOWED"] is True
    assert found["SESSION_COOKIE_SECURE"] is False


def test_the_key_of_a_laptop_is_drawn_once_and_kept_for_its_owner_only(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert len(first["SECRET_KEY"]) >= 50
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_two_copies_on_one_machine_have_different_cookies(tmp_path):
    assert read(tmp_path / "one")["SESSION_COOKIE_NAME"] != read(tmp_path / "two")["SESSION_COOKIE_NAME"]


def test_a_server_has_secure_cookies_and_no_demo(tmp_path):
    found = read(tmp_path, **SERVER)
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["SESSION_COOKIE_NAME"] == "__Host-klarfall"
    assert found["DEMO_ALLOWED"] is False


def test_a_laptop_that_others_can_reach_shows_no_demo(tmp_path):
    assert read(tmp_path, HOST="0.0.0.0")["DEMO_ALLOWED"] is False  # noqa: S104


@pytest.mark.parametrize("missing", ["SECRET_KEY", "EMAIL_URL"])
def test_a_server_without_what_it_needs_does_not_start(tmp_path, missing):
    with pytest.raises(ValueError, match=f"{missing} is missing"):
        read(tmp_path, **{name: value for name, value in SERVER.items() if name != missing})


@pytest.mark.parametrize("debug", ["yes", "no"])
def test_debugging_is_never_a_way_around_secure_cookies_on_a_server(tmp_path, debug):
    assert read(tmp_path, DEBUG=debug, **SERVER)["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    "reached", [{"BASE_URL": "https://support.example"}, {"BEHIND_PROXY": "yes"}, {"ALLOWED_HOSTS": "support.example"}]
)
def test_a_laptop_behind_a_proxy_shows_no_demo(tmp_path, reached):
    assert read(tmp_path, **reached)["DEMO_ALLOWED"] is False


def test_a_laptop_that_names_its_own_address_keeps_the_demo(tmp_path):
    assert read(tmp_path, BASE_URL="http://localhost:8123")["DEMO_ALLOWED"] is True


def test_an_unknown_form_of_the_log_stops_the_start(tmp_path):
    with pytest.raises(ValueError, match="LOG_FORMAT is 'xml', expected one of: line, json"):
        read(tmp_path, LOG_FORMAT="xml")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MAIL_IN", "imaps://u:s3cret@mail.example,imaps://u:s3cret#@mail.example", "MAIL_IN, mailbox 2 is not a"),
        ("SMTP_LISTEN", "0.0.0.0:25", "SMTP_LISTEN listens beyond this machine"),
        ("MAIL_MAX_BYTES", "50", "MAIL_MAX_BYTES is 50, expected at least"),
    ],
)
def test_a_way_in_that_cannot_be_stops_the_start_and_shows_no_password(tmp_path, name, value, says):
    with pytest.raises(ValueError, match=says) as refusal:
        read(tmp_path, **{name: value})
    assert "s3cret" not in str(refusal.value)
