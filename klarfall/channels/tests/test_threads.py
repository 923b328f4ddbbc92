"""Mails about a request hang below each other, come from the product's sender, and replies name the request."""

import html
import random
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from klarfall.channels.models import Notice
from klarfall.channels.reply_addresses import ticket_id_in
from klarfall.channels.threads import references
from klarfall.contracts.models import Product
from klarfall.core import mail as mailing
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.assign import assign
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.intake import ByMail
from tests.cast import make_contact, upload
from tests.queue import run_jobs

NOW = timezone.now().replace(second=0, microsecond=0)
#: What people write after our first mail was sent: that takes its time from the real clock.
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def ticket(make_ticket):
    return make_ticket(title="Saldo Liegenschaft 12", now=NOW)


def mails(address="bernd@acme.example"):
    mail.outbox.clear()
    run_jobs()
    return [one for one in mail.outbox if address in one.to[0]]


def write(ticket, contact, mail_id, minutes):
    reply(
        ticket, text=f"Nachricht {minutes}", channel="email", mail=ByMail(mail_id=mail_id), actor=contact.user,
        now=LATER + timedelta(minutes=minutes),
    )  # fmt: skip


def answer(ticket, cast, minutes, **fields):
    reply(ticket, text=f"Antwort {minutes}", actor=cast.anna, now=LATER + timedelta(minutes=minutes), **fields)


def thread_of(message):
    return message.extra_headers.get("References", "").split()


def test_our_mail_hangs_below_the_customers(ticket, cast):
    (first,) = mails()
    write(ticket, cast.bernd, "<theirs-1@acme.example>", 1)
    answer(ticket, cast, 2)
    (second,) = mails()
    assert second.extra_headers["In-Reply-To"] == "<theirs-1@acme.example>"
    assert thread_of(second) == [first.extra_headers["Message-ID"], "<theirs-1@acme.example>"]
    assert f"[KF-{ticket.number}]" in second.subject


def test_mails_of_others_are_not_named(ticket, cast):
    write(ticket, make_contact("Gesa", cast.acme, visibility="all"), "<gesa@acme.example>", 1)
    answer(ticket, cast, 2)
    (_first, second) = mails()
    assert "<gesa@acme.example>" not in thread_of(second)


@pytest.mark.parametrize("mail_id", ["sha256:abc", "<a b@c>", "<a@b>\r\nBcc: opfer@example.org"])
def test_what_is_no_id_stands_in_no_header(ticket, cast, mail_id):
    write(ticket, cast.bernd, mail_id, 1)
    with viewing_as(SYSTEM):
        notice = Notice(ticket=ticket, customer_id=ticket.customer_id, recipient=cast.bernd.user)
        assert references(notice) == []


def test_a_long_thread_keeps_its_beginning_and_its_end(ticket, cast):
    for number in range(1, 15):
        write(ticket, cast.bernd, f"<{number}@acme.example>", number)
    with viewing_as(SYSTEM):
        notice = Notice(ticket=ticket, customer_id=ticket.customer_id, recipient=cast.bernd.user)
        found = references(notice)
    assert found == ["<1@acme.example>", *(f"<{number}@acme.example>" for number in range(6, 15))]


def test_replies_name_the_request_where_mail_arrives_here(ticket, cast, settings):
    settings.MAIL_REPLIES_ARRIVE = True
    assign(ticket, to=cast.anna, actor=cast.dora, now=NOW + timedelta(minutes=1))
    (first,) = mails()
    assert ticket_id_in(first.extra_headers["Reply-To"].rpartition("<")[2].strip(">")) == ticket.pk
    (staff,) = [one for one in mail.outbox if "anna@" in one.to[0]]
    assert "+r" not in staff.extra_headers["Reply-To"], "specialists answer at the desk"


def test_replies_go_to_the_plain_sender_where_it_does_not(ticket, settings):
    settings.MAIL_REPLIES_ARRIVE = False
    (first,) = mails()
    assert "+r" not in first.extra_headers["Reply-To"]


def test_the_products_sender_and_signature_win_over_the_house(ticket, cast, settings):
    settings.MAIL_REPLIES_ARRIVE = True
    with viewing_as(SYSTEM):
        Product.objects.filter(pk=cast.erp.pk).update(
            mail_from="kontor@vendor.example", mail_signature="Team <Kontor> & Co.\nTel. 030 1"
        )
    (first,) = mails()
    assert first.from_email.endswith("<kontor@vendor.example>")
    assert first.extra_headers["Reply-To"].rpartition("<")[2].startswith("kontor+r")
    assert first.extra_headers["Message-ID"].endswith("@vendor.example>")
    assert "Team <Kontor> & Co.\nTel. 030 1" in first.body
    page = first.alternatives[0][0]
    assert "Team &lt;Kontor&gt; &amp; Co.<br>Tel. 030 1" in page
    assert "<Kontor>" in html.unescape(page)


def test_mails_to_specialists_have_no_signature_of_a_product(ticket, cast):
    with viewing_as(SYSTEM):
        Product.objects.filter(pk=cast.erp.pk).update(mail_signature="Ihr Team Kontor")
    assign(ticket, to=cast.anna, actor=cast.dora, now=NOW + timedelta(minutes=1))
    (message,) = mails("anna@")
    assert "Ihr Team Kontor" not in message.body


def test_files_of_an_answer_are_named_with_a_link_and_not_attached(ticket, cast):
    answer(ticket, cast, 1, files=[upload("Anleitung & Tipps.pdf", b"%PDF-1.4 x")])
    message = mails()[-1]
    assert message.attachments == []
    with viewing_as(SYSTEM):
        pk = ticket.attachments.get().pk
    for text in (message.body, html.unescape(message.alternatives[0][0])):
        assert "Anleitung & Tipps.pdf" in text
        assert f"/files/{pk}/" in text


def test_nobody_works_out_a_message_id_from_those_they_have_seen():
    """Python's random numbers can be told from earlier ones, and a report that names an id marks its recipient."""
    seen = []
    for _attempt in range(2):
        random.seed(7)
        seen.append(mailing.new_message_id("support@vendor.example"))
    random.seed()
    assert seen[0] != seen[1]
    assert all(one.endswith("@vendor.example>") and len(f"Message-ID: {one}") < 78 for one in seen)
