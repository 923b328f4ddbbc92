"""The mails of the demo: kept as files, shown only in the demo, harmless whatever stands in them."""

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives

from klarfall.channels.demo_mail import folder, kept_mails
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile

BACKEND = "klarfall.channels.demo_mail.DemoMailBackend"


@pytest.fixture
def demo(cast, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.DEMO_ALLOWED = True
    settings.EMAIL_BACKEND = BACKEND
    with viewing_as(SYSTEM):
        VendorProfile.objects.update(is_demo=True)
    cache.clear()
    return cast


def keep(
    subject="Hallo Grün", text="Text mit Umlaut: ä", html="<html><head></head><body>Schön <b>fett</b></body></html>"
):
    message = EmailMultiAlternatives(subject, text, "a@example.org", ["Bernd <bernd@acme.example>"])
    message.attach_alternative(html, "text/html")
    message.send()
    return kept_mails()[0]


def test_a_mail_is_kept_and_shown(demo, client):
    mail = keep()
    assert (mail.subject, mail.text.strip()) == ("Hallo Grün", "Text mit Umlaut: ä")
    assert "Hallo Grün" in client.get("/demo/mails/").content.decode()
    page = client.get(f"/demo/mails/{mail.id}/").content.decode()
    assert "Text mit Umlaut: ä" in page
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page


def test_the_html_runs_nothing(demo, client):
    mail = keep(
        subject="<script>x</script>", text="<img src=x onerror=y>", html="<html><head></head><script>1</script></html>"
    )
    page = client.get(f"/demo/mails/{mail.id}/").content.decode()
    assert "<script>x" not in page
    assert "<img src=x" not in page
    frame = client.get(f"/demo/mails/{mail.id}/html/")
    policy = frame.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in frame.content.decode()


@pytest.mark.parametrize("name", ["..", "x", "20260101T000000000000-zzzzzzzz", "..%2f..%2fsettings", "a" * 300])
def test_only_kept_mails_can_be_read(demo, client, name):
    assert client.get(f"/demo/mails/{name}/").status_code == 404
    assert client.get(f"/demo/mails/{name}/html/").status_code == 404


def test_outside_of_the_demo_there_is_no_such_page(demo, client, settings):
    mail = keep()
    settings.DEMO_ALLOWED = False
    for path in ("", f"{mail.id}/", f"{mail.id}/html/"):
        assert client.get(f"/demo/mails/{path}").status_code == 404


def test_only_we_can_read_the_folder(demo):
    keep()
    assert folder().stat().st_mode & 0o077 == 0


def test_the_newest_five_hundred_stay(demo, monkeypatch):
    monkeypatch.setattr("klarfall.channels.demo_mail._KEPT", 3)
    for number in range(5):
        keep(subject=f"Nummer {number}")
    assert [mail.subject for mail in kept_mails()] == ["Nummer 4", "Nummer 3", "Nummer 2"]
