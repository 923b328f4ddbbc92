"""What a customer does on the page of a request, with its refusals."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from klarfall.billing.actions import decisions, resolution
from klarfall.billing.actions.assessments import Verdict, answer_covered
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import reply as replies
from klarfall.tickets.actions import review
from klarfall.tickets.models import Attachment, ConsultantRequest, Message, Objection, Ticket
from tests.cast import concern_of, fresh

pytestmark = pytest.mark.django_db


def at(name, ticket, *more):
    return reverse(f"portal:{name}", args=[ticket.number, *more])


@pytest.fixture
def solved(asked, cast, anna, now):
    """The request, answered as covered an hour ago."""
    verdict = Verdict(item=cast.item("COV-QUESTION"), reason="Eine konkrete Frage.")
    words = {"answer": "Bitte den Lauf neu starten.", "resolution_kind": "use_clarified"}
    answer_covered(asked, verdict=verdict, **words, actor=anna, now=now - timedelta(hours=1))
    return asked


def test_a_reply_with_a_file_is_in_the_conversation(asked, bernds):
    file = SimpleUploadedFile("protokoll.txt", b"Zeile 1")
    page = bernds.post(at("replies", asked), {"text": "Noch ein Hinweis.", "files": file}, follow=True).content.decode()
    assert "Noch ein Hinweis." in page
    assert "protokoll.txt" in page


def test_an_empty_reply_says_so_and_a_bad_file_keeps_the_text(asked, bernds):
    assert bernds.post(at("replies", asked), {"text": "  "}).status_code == 422
    bad = SimpleUploadedFile("programm.exe", b"MZ")
    response = bernds.post(at("replies", asked), {"text": "Mein langer Text", "files": bad})
    assert response.status_code == 422
    assert "Mein langer Text" in response.content.decode()
    with viewing_as(SYSTEM):
        assert Message.objects.filter(ticket=asked).count() == 1


def test_internal_notes_are_nowhere_on_the_page(asked, anna, bernds, now):
    file = SimpleUploadedFile("intern.txt", b"geheim")
    replies.write_note(asked, text="Nur für uns.", files=[file], actor=anna, now=now)
    page = bernds.get(at("ticket", asked)).content.decode()
    assert "Nur für uns." not in page
    assert "intern.txt" not in page
    with viewing_as(SYSTEM):
        hidden = Attachment.objects.get(name="intern.txt")
    assert bernds.get(reverse("portal:file", args=[hidden.pk])).status_code == 404


def test_a_file_is_handed_out_safely_and_to_nobody_else(asked, bernds, browser_of, clara):
    file = SimpleUploadedFile("seite.txt", b"Zeile 1")
    bernds.post(at("replies", asked), {"text": "Anbei", "files": file})
    with viewing_as(SYSTEM):
        file = Attachment.objects.get()
    address = reverse("portal:file", args=[file.pk])
    response = bernds.get(address)
    assert b"".join(response.streaming_content) == b"Zeile 1"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert browser_of(clara).get(address).status_code == 404


def test_asking_whether_it_is_covered_is_recorded_once(asked, bernds):
    assert bernds.post(at("coverage-question", asked)).status_code == 303
    assert fresh(asked).coverage_asked_at is not None
    page = bernds.get(at("ticket", asked)).content.decode()
    assert at("coverage-question", asked) not in page
    assert 'role="alert"' in bernds.post(at("coverage-question", asked), follow=True).content.decode()


def test_a_new_request_can_be_withdrawn_after_a_question(asked, bernds):
    assert bernds.get(at("withdrawal", asked)).status_code == 200
    assert fresh(asked).status == "new"
    bernds.post(at("withdrawal", asked))
    assert fresh(asked).status == "cancelled"


def test_a_solved_request_is_reopened_with_a_word(solved, bernds):
    assert bernds.post(at("reopening", solved), {"text": ""}).status_code == 422
    page = bernds.post(at("reopening", solved), {"text": "Es kommt wieder."}, follow=True).content.decode()
    assert "Es kommt wieder." in page
    assert fresh(solved).status != "resolved"


def test_the_help_is_rated_by_whoever_asked(solved, bernds):
    assert bernds.post(at("rating", solved), {"stars": "9"}).status_code == 422
    bernds.post(at("rating", solved), {"stars": "4", "comment": "Schnell."})
    assert fresh(solved).rating == 4
    assert at("rating", solved) not in bernds.get(at("ticket", solved)).content.decode()


def test_a_late_reply_opens_a_request_that_points_back(solved, bernds, anna, now):
    resolution.close_due(now + timedelta(days=15))
    assert fresh(solved).status == "closed"
    page = bernds.post(at("replies", solved), {"text": "Nun tritt es wieder auf."}, follow=True).content.decode()
    with viewing_as(SYSTEM):
        follow_up = Ticket.objects.get(follow_up_of=solved)
    assert f"KF-{follow_up.number}" in page
    assert at("ticket", solved) in page


def test_seeing_it_differently_starts_the_second_review(offer, bernds):
    address = at("objection", offer.ticket, 1)
    assert bernds.get(address).status_code == 200
    assert bernds.post(address, {"text": ""}).status_code == 422
    page = bernds.post(address, {"text": "Es war ein Fehler."}, follow=True).content.decode()
    assert "Es war ein Fehler." in page
    assert at("objection-withdrawal", offer.ticket, 1) in page
    assert bernds.post(address, {"text": "Noch einmal."}).status_code == 422
    bernds.post(at("objection-withdrawal", offer.ticket, 1))
    with viewing_as(SYSTEM):
        assert Objection.objects.get().result == "withdrawn"


def test_work_is_stopped_after_a_question(offer, bernd, bernds, now):
    decisions.accept(offer, cap=None, text_hash=offer.text_hash, actor=bernd.user, now=now)
    address = at("stop", offer.ticket, 1)
    assert bernds.get(address).status_code == 200
    assert fresh(offer).status == "accepted"
    bernds.post(address)
    assert fresh(offer).status == "stopped"
    assert 'role="alert"' in bernds.post(address, follow=True).content.decode()


def test_several_concerns_have_a_card_each(asked, anna, bernds, now):
    review.split(asked, titles=["Termin bei uns im Haus"], actor=anna, now=now)
    page = bernds.get(at("ticket", asked)).content.decode()
    assert page.count('class="kk ') == 2
    assert "Termin bei uns im Haus" in page
    assert concern_of(asked, 2).title == "Termin bei uns im Haus"


def test_a_wish_to_the_consultants_belongs_to_its_contact_only(bernds, bernd, erp, browser_of, astrid, clara):
    wish = {"contact": bernd.pk, "product": erp.pk, "wish": "Umstellung begleiten"}
    made = bernds.post(reverse("portal:new-consulting"), wish)
    assert bernds.get(made["Location"]).status_code == 200
    for somebody in (astrid, clara):
        assert browser_of(somebody).get(made["Location"]).status_code == 404
    assert bernds.post(reverse("portal:new-consulting"), wish | {"wish": ""}).status_code == 422
    with viewing_as(SYSTEM):
        assert ConsultantRequest.objects.count() == 1


def test_a_wish_for_a_training_is_kept(bernds, bernd, erp):
    wish = {"contact": bernd.pk, "product": erp.pk, "wish": "Einweisung neuer Kolleg:innen"}
    assert "Einweisung neuer" in bernds.post(reverse("portal:new-training"), wish, follow=True).content.decode()


def test_a_confidential_request_is_seen_by_its_author_only(make_ticket, now, cast, browser_of, bernd):
    hidden = make_ticket(now=now, confidential=True, title="Nur für mich")
    with viewing_as(SYSTEM):
        type(bernd).objects.filter(pk=cast.astrid.pk).update(visibility="all")
    assert browser_of(cast.astrid).get(at("ticket", hidden)).status_code == 404
    assert browser_of(bernd).get(at("ticket", hidden)).status_code == 200
