"""Texts of mails at the desk: the list, one kind with its preview, a sample to oneself."""

import pytest
from django.core import mail as outbox

from klarfall.channels.models import MailText
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, text
from tests.cast import make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def hedwigs(desk_of):
    return desk_of(make_staff("Hedwig", "administrator"))


def test_the_list_names_every_kind_and_its_readers(hedwigs):
    page = text(hedwigs.get(at("mail-texts")))
    assert page.count("/desk/settings/mails/") > 40
    assert "Kostenhinweis" in page


def test_words_are_saved_shown_and_taken_back(hedwigs):
    here = at("mail-text", "received", "de")
    assert hedwigs.post(here, {"subject": "Danke", "opening": "schön, dass Sie schreiben."}).status_code == 303
    page = text(hedwigs.get(here))
    assert "Danke" in page
    assert "schön, dass Sie schreiben." in page
    assert "Deutsch" in text(hedwigs.get(at("mail-texts")))
    assert hedwigs.post(here, {"reset": "1", "opening": "x"}).status_code == 303
    with viewing_as(SYSTEM):
        assert not MailText.objects.exists()


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(hedwigs):
    answer = hedwigs.post(at("mail-text", "received", "de"), {"opening": "Hallo {kunde}"})
    assert answer.status_code == 422
    assert "{kunde}" in text(answer)
    assert "{number}" in text(answer)


def test_the_preview_shows_what_is_being_typed_and_saves_nothing(hedwigs):
    here = at("mail-preview", "received", "en")
    page = text(hedwigs.get(here, {"opening": "we are <b>glad</b> {nope}"}, headers={"HX-Request": "true"}))
    assert "<html" not in page
    assert "&lt;b&gt;glad" in page
    assert "{nope}" in page
    with viewing_as(SYSTEM):
        assert not MailText.objects.exists()


def test_the_frame_shows_the_mail_and_runs_nothing(hedwigs):
    answer = hedwigs.get(at("mail-frame", "cost_notice", "de"), {"opening": "<script>alert(1)</script>"})
    assert "<script>" not in text(answer)
    assert "script-src" not in answer["Content-Security-Policy"] or "'none'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_sample_goes_to_oneself_only(hedwigs):
    assert hedwigs.post(at("mail-sample", "cost_notice", "de")).status_code == 303
    run_jobs()
    (found,) = outbox.outbox
    assert "hedwig@vendor.example" in found.to[0]


def test_unknown_mails_do_not_exist(hedwigs):
    for name in ("mail-text", "mail-preview", "mail-frame"):
        assert hedwigs.get(at(name, "nothing", "de")).status_code == 404
        assert hedwigs.get(at(name, "received", "fr")).status_code == 404


def test_leads_do_not_change_mails(desk_of, cast):
    assert desk_of(cast.dora).get(at("mail-texts")).status_code == 404
    assert desk_of(cast.dora).post(at("mail-text", "received", "de"), {"closing": "X"}).status_code == 404
