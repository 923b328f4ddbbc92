"""What becomes of our own mails: at the request, at the contact, at the colleague; and who must prove themselves."""

import pytest
from django.test import override_settings
from django.urls import reverse

from klarfall.accounts.models import User
from klarfall.channels.actions import note_bounce
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.incoming.models import Outcome
from klarfall.incoming.tests.mails import arrives
from tests.cast import make_contact

pytestmark = pytest.mark.django_db
REPORT = "5.1.1 The mailbox does not exist"


@pytest.fixture
def bounced(ticket, cast, clock):
    """Our mail to Bernd came back."""
    with viewing_as(SYSTEM):
        notice = Notice.objects.create(
            customer=cast.acme,
            ticket=ticket,
            key="a",
            kind="received",
            recipient=cast.bernd.user,
            status=NoticeStatus.SENT,
            message_id="<ours@vendor.example>",
            created_at=clock(),
        )
        note_bounce(notice, report_text=REPORT, final=True, actor=User.objects.system(), now=clock())
    return ticket


def test_the_request_says_whose_mail_came_back_why_and_what_to_do(annas, bounced):
    shown = text(annas.get(at("ticket", number=bounced.number)))
    line = shown[shown.index("kam zurück") - 200 : shown.index("kam zurück") + 400]
    for words in ("Bernd", "bernd@acme.example", REPORT, "Rufen Sie an, oder bitten Sie um eine andere Adresse."):
        assert words in line
    assert "E-Mails an bernd@acme.example kommen zurück" in shown


def test_customers_read_nothing_of_reports(desk_of, bounced, bernd):
    shown = text(desk_of(bernd).get(reverse("portal:ticket", args=[bounced.number])))
    assert REPORT not in shown


def test_the_contact_is_marked_at_the_desk_and_for_the_admin_of_the_company(desk_of, doras, bounced, cast):
    admin = make_contact("Gesa", cast.acme, "requester", "customer_admin")
    pages = [
        (doras, at("customer", cast.acme.number)),
        (doras, at("contact", cast.bernd.pk)),
        (desk_of(admin), reverse("portal:colleagues")),
        (desk_of(admin), reverse("portal:colleague", args=[cast.bernd.pk])),
    ]
    for client, path in pages:
        shown = text(client.get(path))
        assert "E-Mails an diese Adresse kommen zurück" in shown, path
        assert REPORT in shown, path


def test_automatic_replies_are_one_quiet_line_and_cost_no_query(annas, ticket, cast, clock):
    before = len(queries_of(annas, at("ticket", number=ticket.number)))
    with viewing_as(SYSTEM):
        Notice.objects.create(
            customer=cast.acme,
            ticket=ticket,
            key="a",
            kind="received",
            recipient=cast.bernd.user,
            message_id="<ours@vendor.example>",
            created_at=clock(),
        )
    for number in range(3):
        reply = {"in_reply_to": "<ours@vendor.example>", "auto_submitted": "auto-replied", "text": f"Weg {number}"}
        mail = arrives(subject="Abwesend", now=clock(), **reply)
        assert (mail.outcome, mail.ticket) == (Outcome.IGNORED_AUTO, ticket)
    shown = text(annas.get(at("ticket", number=ticket.number)))
    assert shown.count("3 automatische Antworten eingegangen, die letzte von") == 1
    assert len(queries_of(annas, at("ticket", number=ticket.number))) == before


def test_proof_can_be_demanded_only_where_a_server_is_trusted(doras, cast):
    path = at("customer-facts", cast.acme.number)
    fields = {"name": "Acme", "number": cast.acme.number, "country": "DE", "requires_proved_mail": "on"}
    fields |= {"registration_policy": "specialist", "release_policy": "every_contact"}

    def demanded() -> bool:
        with viewing_as(SYSTEM):
            return bool(Customer.objects.get(pk=cast.acme.pk).requires_proved_mail)

    with override_settings(MAIL_TRUSTED_SERVERS=frozenset()):
        assert "MAIL_TRUSTED_SERVERS" in text(doras.get(path))
        assert doras.post(path, fields).status_code == 303
        assert not demanded()
    with override_settings(MAIL_TRUSTED_SERVERS=frozenset({"mx.vendor.example"})):
        assert "SPF, DKIM, DMARC" in text(doras.get(path))
        assert doras.post(path, fields).status_code == 303
        assert demanded()
    assert "nur von bestätigten Absendern" in text(doras.get(at("customer", cast.acme.number)))
    with override_settings(MAIL_TRUSTED_SERVERS=frozenset()):  # what was switched on can be switched off
        del fields["requires_proved_mail"]
        assert doras.post(path, fields).status_code == 303
        assert not demanded()
