"""No mail tells anybody what they may not see: not to another company, not to a colleague, not to customers at all."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client

from klarfall.accounts.models import User
from klarfall.channels.delivery import deliver
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.channels.notices import tell
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.models import TicketEvent
from tests.acme_story import MARK, marked, submitted
from tests.cast import fresh
from tests.queue import run_jobs

#: What only staff may read of Acme's story: words of notes, and files of notes.
INTERNAL = (marked("notiz"), f"{MARK}-intern")


def whole(message) -> str:
    """Everything in a mail that a person or a program can read."""
    parts = [message.subject, message.body, *(str(content) for content, _kind in message.alternatives)]
    return "\n".join([*parts, *message.to, *map(str, message.extra_headers.items())])


def to(story, domain: str) -> Iterator[str]:
    return (whole(one) for one in story.mails if any(domain in address for address in one.to))


def test_everybody_concerned_gets_mail_so_that_silence_proves_nothing(acme_story):
    assert len(list(to(acme_story, "@acme.example"))) > 20
    assert len(list(to(acme_story, "@borealis.example"))) >= 2
    assert len(list(to(acme_story, "@vendor.example"))) > 5
    assert sum(MARK in text for text in to(acme_story, "@acme.example")) > 20


def test_no_mail_to_another_company_contains_a_word_of_acme(acme_story):
    words = (MARK, "acme", "bernd", "astrid", "gesa", "emil")
    for text in to(acme_story, "@borealis.example"):
        assert [word for word in words if word in text.lower()] == []
    with viewing_as(SYSTEM):
        clara = Notice.objects.filter(recipient=acme_story.cast.clara.user)
        assert clara.exists()
        assert not clara.exclude(customer=acme_story.cast.borealis).exists()


def test_every_mail_goes_to_one_person(acme_story):
    assert {len(one.to) + len(one.cc) + len(one.bcc) for one in acme_story.mails} == {1}


def test_no_mail_to_customers_contains_a_note_of_ours(acme_story):
    for text in (*to(acme_story, "@acme.example"), *to(acme_story, "@borealis.example")):
        assert [word for word in INTERNAL if word in text] == []


def test_no_mail_to_a_colleague_is_about_a_request_they_do_not_see(acme_story):
    """Bernd sees his own requests only; the confidential one is Astrid's."""
    hidden = {"bernd@": ("titel secret", "titel of_emil"), "emil@": ("titel secret",), "astrid@": ("titel new",)}
    for address, titles in hidden.items():
        texts = list(to(acme_story, f"{address}acme.example"))
        assert [title for title in titles for text in texts if marked(title) in text] == []
    assert any(marked("titel secret") in text for text in to(acme_story, "astrid@acme.example"))


def test_every_notice_is_about_something_its_recipient_sees(acme_story):
    """The portal answers 404 for none of the tickets that somebody got mail about."""
    with viewing_as(SYSTEM):
        rows = Notice.objects.filter(recipient__kind="contact", ticket__isnull=False, status=NoticeStatus.SENT)
        told = {(one.recipient, one.ticket.number) for one in rows.select_related("recipient", "ticket")}
    assert len(told) > 5
    for user, number in told:
        client = Client()
        client.force_login(user)
        assert client.get(f"/requests/{number}/").status_code == 200, (user.name, number)


def test_links_and_codes_stand_in_mails_only(acme_story):
    """What is stored and shown in the desk has placeholders; every link in a mail is another one."""
    by_mail = [set(re.findall(r"/l/([\w-]{20,})/", one.body)) for one in acme_story.mails]
    assert {len(found) for found in by_mail} == {0, 1}
    tokens = [token for found in by_mail for token in found]
    assert len(tokens) == len(set(tokens)) > 5
    with viewing_as(SYSTEM):
        stored = "\n".join(f"{one.subject}{one.text}{one.html}{one.data}" for one in Notice.objects.all())
        events = "\n".join(str(one) for one in TicketEvent.objects.values_list("data", flat=True))
    assert [token for token in tokens if token in stored or token in events] == []
    assert "[[personal-link]]" in stored


def test_html_and_text_of_a_mail_say_the_same(acme_story):
    """The canonical text of every offer stands in both parts, word for word (INV-2)."""
    notices = [one for one in acme_story.mails if acme_story.offers["accepted"].scope in one.body]
    assert notices
    for one in notices:
        html = str(one.alternatives[0][0])
        assert acme_story.offers["accepted"].scope in html


@pytest.mark.parametrize("kind", ["cost_notice", "reply", "received", "assessed"])
def test_a_notice_for_the_wrong_person_is_never_sent(acme_story, kind):
    """Even if a rule erred about who is concerned: the mail is written with the eyes of its recipient."""
    story, clara = acme_story, acme_story.cast.clara.user
    with viewing_as(SYSTEM):
        event = TicketEvent.objects.filter(ticket=story.tickets["main"], public=True).latest("pk")
        offer = {"offer": story.offers["sent"].pk}
        wrong = {"customer_id": story.cast.acme.pk, "event": event, "data": offer, "now": story.now}
        notice = tell(clara, kind=kind, key="wrong", **wrong)
        mail.outbox.clear()
        deliver(notice.pk)
    assert mail.outbox == []
    failed = fresh(notice)
    assert (failed.status, failed.text, failed.html) == (NoticeStatus.FAILED, "", "")
    assert MARK not in failed.error


def test_who_left_gets_no_mail_any_more(acme_story):
    story = acme_story
    with viewing_as(SYSTEM):
        User.objects.filter(pk=story.cast.bernd.user_id).update(is_active=False)
    mail.outbox.clear()
    submitted(story, "after", story.gesa)
    reply(story.tickets["main"], text="Hallo", actor=story.cast.anna, now=story.later())
    run_jobs("channels.fan_out", "channels.deliver")
    told = {address for one in mail.outbox for address in one.to}
    assert told == {"Gesa <gesa@acme.example>"}
