"""A new request: sending at any hour, drafts, files, and input that cannot be taken."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from klarfall.contracts.models import Area, RequestKind
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.portal import offering
from klarfall.tickets.models import Attachment, ConsultantRequest, Message, RequestDraft, Ticket, Upload

pytestmark = pytest.mark.django_db
NEW = "/requests/new/"


@pytest.fixture
def filled(bernd, erp):
    return {
        "contact": bernd.pk,
        "product": erp.pk,
        "title": "Mahnlauf bricht ab",
        "description": "Nach 212 Verträgen.\nMeldung: Mandat fehlt.",
        "impact": "blocked",
    }


@pytest.fixture
def onsite(cast):
    with viewing_as(SYSTEM):
        kind = RequestKind.objects.create(
            code="onsite", icon="pin", title="Termin vor Ort", title_en="Visit", hint="", hint_en="", order=9,
            usual_item="NOT-ONSITE", usual_outcome="not_offered", to_consulting=True,
        )  # fmt: skip
    offering.forget()
    return kind


def in_system(query):
    with viewing_as(SYSTEM):
        return query()


def test_it_opens_a_ticket_with_everything_that_was_said(bernds, bernd, erp, filled):
    with viewing_as(SYSTEM):
        area = Area.objects.get(product=erp)
    more = {
        "area": area.pk,
        "tried": "Neu gestartet.",
        "needed_by": "2099-01-05",
        "confidential": "on",
        "kind": "unsure",
    }
    response = bernds.post(NEW, filled | more)
    ticket = in_system(lambda: Ticket.objects.select_related("kind", "area").get())
    assert response.status_code == 303
    assert response["Location"] == reverse("portal:receipt", args=[ticket.number])
    assert (ticket.title, ticket.impact, ticket.tried) == ("Mahnlauf bricht ab", "blocked", "Neu gestartet.")
    assert (ticket.area, ticket.needed_by, ticket.confidential) == (area, date(2099, 1, 5), True)
    assert in_system(lambda: Message.objects.select_related("sealed").get()).text.startswith("Nach 212 Verträgen.")


def test_the_receipt_names_number_and_promise(bernds, filled):
    page = bernds.post(NEW, filled, follow=True).content.decode()
    ticket = in_system(Ticket.objects.get)
    assert f"KF-{ticket.number}" in page
    assert "promise" in page


def test_sending_it_twice_opens_one_ticket(bernds, filled):
    first, second = bernds.post(NEW, filled), bernds.post(NEW, filled)
    assert first["Location"] == second["Location"]
    assert in_system(Ticket.objects.count) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "id_title"), ({"title": "x" * 161}, "id_title"), ({"description": " \n "}, "id_description"),
        ({"product": "999999"}, "id_product"), ({"product": "1 OR 1=1"}, "id_product"),
        ({"impact": "huge"}, "id_impact"),
        ({"needed_by": "2020-01-01"}, "id_needed_by"), ({"needed_by": "32.13.2026"}, "id_needed_by"),
        ({"area": "999999"}, "id_area"), ({"partner_product": "999999"}, "id_partner_product"),
        ({"title": "a\x00b"}, "id_title"), ({"kind": "nonsense"}, "id_kind"),
    ],
)  # fmt: skip
def test_wrong_input_is_named_and_nothing_is_sent(wrong, field, bernds, filled):
    response = bernds.post(NEW, filled | wrong)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert in_system(Ticket.objects.count) == 0


def test_an_area_of_another_product_is_refused(bernds, filled, other):
    with viewing_as(SYSTEM):
        foreign = Area.objects.get(product=other)
    assert bernds.post(NEW, filled | {"area": foreign.pk}).status_code == 422
    assert in_system(Ticket.objects.count) == 0


def test_a_partner_product_can_be_named_where_it_is_linked(bernds, filled, partner, other):
    assert bernds.post(NEW, filled | {"partner_product": partner.pk, "product": other.pk}).status_code == 422
    assert bernds.post(NEW, filled | {"partner_product": partner.pk}).status_code == 303
    assert in_system(Ticket.objects.get).partner_product_id == partner.pk


def test_nobody_writes_for_another_companys_contact(bernds, filled, clara):
    assert bernds.post(NEW, filled | {"contact": clara.pk}).status_code == 422
    assert in_system(Ticket.objects.count) == 0


def test_markup_in_every_field_stays_text(bernds, filled):
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    bernds.post(NEW, filled | {"title": evil, "description": evil, "tried": evil})
    ticket = in_system(Ticket.objects.get)
    for address in ("/", "/requests/", reverse("portal:ticket", args=[ticket.number])):
        page = bernds.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page


def test_a_draft_survives_the_reload(bernds, bernd, filled):
    answer = bernds.post(reverse("portal:draft"), filled | {"title": "Halb"}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert ":" in json.loads(answer.content)["saved_at"]
    page = bernds.get(NEW).content.decode()
    assert 'value="Halb"' in page
    assert "Mandat fehlt." in page


def test_a_draft_is_saved_without_scripts_files_included(bernds, filled):
    file = SimpleUploadedFile("beleg.txt", b"Buchung 4711")
    response = bernds.post(reverse("portal:draft"), filled | {"files": file}, follow=True)
    assert "beleg.txt" in response.content.decode()
    assert in_system(Upload.objects.count) == 1


def test_a_draft_can_be_thrown_away(bernds, filled):
    bernds.post(reverse("portal:draft"), filled)
    bernds.post(reverse("portal:draft-removal"))
    assert in_system(RequestDraft.objects.count) == 0


def test_wrong_input_keeps_what_was_typed_and_attached(bernds, filled):
    file = SimpleUploadedFile("beleg.txt", b"Buchung 4711")
    page = bernds.post(NEW, filled | {"title": "", "files": file}).content.decode()
    assert "Mandat fehlt." in page
    assert "beleg.txt" in page
    assert bernds.post(NEW, filled).status_code == 303
    assert in_system(lambda: Attachment.objects.get().name) == "beleg.txt"
    assert in_system(RequestDraft.objects.count) == 0


def test_a_file_is_stored_at_once_and_can_be_taken_out(bernds):
    answer = bernds.post(reverse("portal:upload"), {"file": SimpleUploadedFile("notiz.txt", b"Inhalt")})
    stored = json.loads(answer.content)
    assert (answer.status_code, stored["name"], stored["size"]) == (200, "notiz.txt", 6)
    assert bernds.post(stored["remove_url"], headers={"Accept": "application/json"}).status_code == 200
    assert in_system(Upload.objects.count) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("leer.txt", b""), ("virus.exe", b"MZ\x90\x00"), ("bild.png", b"<html><script>"), ("x" * 5 + ".svg", b"<svg/>")],
)
def test_a_file_that_cannot_be_taken_says_why(name, content, bernds):
    answer = bernds.post(reverse("portal:upload"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert json.loads(answer.content)["error"]
    assert in_system(Upload.objects.count) == 0


def test_nobody_removes_a_file_of_somebody_else(bernds, browser_of, clara, astrid):
    stored = json.loads(bernds.post(reverse("portal:upload"), {"file": SimpleUploadedFile("a.txt", b"a")}).content)
    for somebody in (clara, astrid):
        assert browser_of(somebody).post(stored["remove_url"]).status_code == 404
    assert in_system(Upload.objects.count) == 1


def test_a_visit_goes_to_the_consultants_without_a_ticket(bernds, filled, onsite):
    response = bernds.post(NEW, filled | {"kind": "onsite"}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0].startswith(reverse("portal:new-consulting"))
    assert "Mahnlauf bricht ab" in page
    assert in_system(Ticket.objects.count) == 0
    wish = {"contact": filled["contact"], "product": filled["product"], "wish": "Einen halben Tag", "place": "Mainz"}
    done = bernds.post(reverse("portal:new-consulting") + "?from=draft", wish, follow=True)
    assert "Einen halben Tag" in done.content.decode()
    assert in_system(ConsultantRequest.objects.get).place == "Mainz"
    assert in_system(RequestDraft.objects.count) == 0


def test_a_product_that_is_visited_gets_an_ordinary_request(bernds, filled, onsite, other):
    assert bernds.post(NEW, filled | {"kind": "onsite", "product": other.pk}).status_code == 303
    assert in_system(Ticket.objects.count) == 1


def test_the_hints_follow_product_and_impact(bernds, erp, onsite):
    query = {"product": erp.pk, "impact": "blocked", "kind": "onsite"}
    part = bernds.get(reverse("portal:hints"), query, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "kk is-out maybe" in part
    assert "promise" in part
    assert 'hx-swap-oob="true"' in part
    assert "Mahnwesen" in part
    assert "Inventur" not in part


def test_the_form_shows_every_area_in_groups_for_those_without_scripts(bernds):
    page = bernds.get(NEW).content.decode()
    assert page.count("<optgroup") == 2
    assert "Mahnwesen" in page
    assert "Inventur" in page


def test_the_unsure_tile_is_the_default_and_nothing_else_is_chosen(bernds):
    page = bernds.get(NEW).content.decode()
    assert 'name="kind" value="unsure" checked' in page
    assert page.count('name="kind"') == page.count('name="kind" value=')


def test_a_contact_of_nobody_is_told_so(browser_of, bernd):
    with viewing_as(SYSTEM):
        type(bernd).objects.filter(pk=bernd.pk).update(is_active=False)
    assert browser_of(bernd).get(NEW).status_code == 403


def test_somebody_who_only_reads_invoices_is_told_before_writing(bernds, bernd):
    bernd.roles = ["billing_viewer"]
    with viewing_as(SYSTEM):
        bernd.save(update_fields=["roles"])
    answer = bernds.get(reverse("portal:new"))
    assert answer.status_code == 403
    assert b'name="title"' not in answer.content
    assert bernds.get(reverse("portal:hints")).status_code == 404


def test_it_can_be_sent_on_a_sunday_night(bernds, filled, monkeypatch):
    sunday = timezone.now() - timedelta(days=(timezone.now().weekday() + 1) % 7)
    clock = SimpleNamespace(now=lambda: sunday.replace(hour=2), localdate=timezone.localdate)
    monkeypatch.setattr("klarfall.portal.views.new_request.timezone", clock)
    assert bernds.post(NEW, filled).status_code == 303
    ticket = in_system(Ticket.objects.get)
    assert timezone.localtime(ticket.first_due_at).weekday() == 0
