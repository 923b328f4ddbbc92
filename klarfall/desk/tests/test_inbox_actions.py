"""What people do with mails that nobody could be found for, through the pages of the desk."""

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Contact, Customer
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.incoming.models import BlockedSender, IncomingMail, Outcome
from klarfall.incoming.tests.mails import arrives
from klarfall.tickets.models import Message
from tests.cast import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(cast, clock):
    """A mail of somebody of Acme whom nobody knows."""
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=["acme.example"])
    return arrives("Nina Neu <nina@acme.example>", subject="Umlage", text="Bitte prüfen Sie die Umlage", now=clock())


def fresh(mail):
    with viewing_as(SYSTEM):
        return IncomingMail.objects.select_related("contact", "ticket", "message").get(pk=mail.pk)


def test_the_page_suggests_the_company_of_the_domain_and_waits_for_a_choice(annas, waiting, cast):
    shown = text(annas.get(at("inbox-mail", waiting.pk)))
    assert "Neue Ansprechperson von Acme" in shown
    assert f"?customer={cast.acme.number}" in shown
    assert "Das Unternehmen ist an der Domain erkannt" in shown


def test_assign_to_a_contact_as_a_new_request(annas, waiting, cast):
    found = text(annas.get(at("inbox-assignment", waiting.pk), {"q": "bernd"}))
    assert f"?contact={cast.bernd.pk}" in found
    path = f"{at('inbox-assignment', waiting.pk)}?contact={cast.bernd.pk}"
    assert "nina@acme.example" in text(annas.get(path))
    response = annas.post(path, {"ticket": ""})
    mail = fresh(waiting)
    assert (mail.outcome, mail.reason, mail.contact) == (Outcome.NEW_TICKET, "assigned", cast.bernd)
    assert response["Location"] == at("ticket", number=mail.ticket.number)
    shown = text(annas.get(response["Location"]))
    assert f"steht jetzt in Anfrage KF-{mail.ticket.number}" in shown
    assert "per E-Mail von nina@acme.example" in shown
    assert "Bitte prüfen Sie die Umlage" in shown


def test_assign_into_an_open_request_and_only_once(annas, waiting, ticket, cast):
    path = f"{at('inbox-assignment', waiting.pk)}?contact={cast.bernd.pk}"
    assert f"KF-{ticket.number}" in text(annas.get(path))
    annas.post(path, {"ticket": str(ticket.number)})
    assert fresh(waiting).ticket == ticket
    again = annas.post(path, {"ticket": ""})
    assert again.status_code == 422
    assert "KF-" in text(again)
    with viewing_as(SYSTEM):
        assert Message.objects.filter(mail_id=fresh(waiting).mail_id).count() == 1


def test_requests_of_others_cannot_be_chosen(annas, waiting, make_ticket, cast, clock):
    foreign = make_ticket(contact=cast.clara, now=clock())
    path = f"{at('inbox-assignment', waiting.pk)}?contact={cast.bernd.pk}"
    assert annas.post(path, {"ticket": str(foreign.number)}).status_code == 422
    assert fresh(waiting).outcome == Outcome.QUARANTINE


def test_the_sender_becomes_a_contact_of_the_customer(annas, waiting, cast):
    page = text(annas.get(at("inbox-contact", waiting.pk), {"q": "acme"}))
    assert f"?customer={cast.acme.number}" in page
    path = f"{at('inbox-contact', waiting.pk)}?customer={cast.acme.number}"
    assert 'value="Nina Neu"' in text(annas.get(path))
    assert annas.post(path, {"name": ""}).status_code == 422
    annas.post(path, {"name": "Nina Neu"})
    with viewing_as(SYSTEM):
        nina = Contact.objects.select_related("customer", "user").get(user__email="nina@acme.example")
    assert (nina.customer, nina.user.name) == (cast.acme, "Nina Neu")
    assert fresh(waiting).outcome == Outcome.NEW_TICKET


def test_filing_anew_asks_first_and_says_where_the_mail_stands(annas, waiting):
    asked = text(annas.post(at("inbox-replay", waiting.pk)))
    assert "E-Mail noch einmal ablegen?" in asked
    response = annas.post(at("inbox-replay", waiting.pk), {"confirmed": "1"})
    assert response["Location"] == at("inbox-mail", waiting.pk)
    assert "Neu abgelegt: Nicht zugeordnet" in text(annas.get(response["Location"]))


def test_reject_with_a_text_in_the_language_of_the_sender(annas, waiting, clock):
    assert "Wir können Ihre E-Mail keinem Unternehmen" in text(annas.get(at("inbox-rejection", waiting.pk)))
    english = arrives("x@elsewhere.example", text="Please have a look at the list", now=clock())
    shown = text(annas.get(at("inbox-rejection", english.pk)))
    assert "We cannot assign your mail" in shown
    assert 'lang="en"' in shown[shown.index("<textarea") :]
    response = annas.post(at("inbox-rejection", waiting.pk), {"text": "Bitte fragen Sie Gesa."})
    assert response["Location"] == at("inbox")
    mail = fresh(waiting)
    assert (mail.outcome, mail.answer) == (Outcome.REJECTED, "Bitte fragen Sie Gesa.")
    assert "Bitte fragen Sie Gesa." in text(annas.get(at("inbox-mail", waiting.pk)))


def test_who_cannot_be_answered_is_rejected_in_silence_and_the_page_says_so(annas, clock):
    mute = arrives("", text="Hallo", now=clock())
    shown = text(annas.get(at("inbox-rejection", mute.pk)))
    assert "Eine Antwort ist nicht möglich." in shown
    assert "<textarea" not in shown
    annas.post(at("inbox-rejection", mute.pk), {})
    assert fresh(mute).outcome == Outcome.REJECTED


def test_block_and_let_in_again(annas, waiting, clock):
    spam = arrives("angebot@werbung.example", subject="Angebot", now=clock())
    path = at("inbox-block", spam.pk)
    assert "Alle bei werbung.example" in text(annas.get(path))
    assert annas.post(path, {}).status_code == 422
    annas.post(path, {"whole_domain": "yes", "reason": "Werbung"})
    listed = text(annas.get(at("blocked-senders")))
    assert "@werbung.example" in listed
    assert "Werbung" in listed
    assert fresh(spam).outcome == Outcome.REJECTED
    refused = annas.post(at("inbox-block", waiting.pk), {"whole_domain": "yes"})
    assert refused.status_code == 422  # the domain of a customer
    with viewing_as(SYSTEM):
        blocked = BlockedSender.objects.get()
    annas.post(at("unblocking", blocked.pk))
    assert "@werbung.example</b>" not in text(annas.get(at("blocked-senders")))


def test_who_may_not_add_contacts_is_not_offered_it(desk_of, waiting):
    editor = desk_of(make_staff("Edda", "editor"))
    response = editor.get(at("inbox-mail", waiting.pk))
    if response.status_code == 200:
        assert "Neue Ansprechperson" not in text(response)


def test_no_page_of_a_mail_takes_more_than_eight_queries(annas, waiting, cast):
    one = waiting.pk
    paths = [at(name, one) for name in ("inbox-mail", "inbox-assignment", "inbox-rejection", "inbox-block")]
    paths += [f"{at('inbox-assignment', one)}?contact={cast.bernd.pk}", f"{at('inbox-contact', one)}?q=acme"]
    paths += [f"{at('inbox-contact', one)}?customer={cast.acme.number}", at("blocked-senders"), at("inbox")]
    assert {path: len(found) for path in paths if len(found := queries_of(annas, path)) > 8} == {}
