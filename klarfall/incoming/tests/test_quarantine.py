"""What people at the desk do with mails that nobody could be assigned, and the command that takes one in."""

import io
import json
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as mailing
from django.core.management import call_command

from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.actions.contacts import ContactRefused
from klarfall.customers.models import Contact, Customer, Invitation
from klarfall.incoming.actions import quarantine
from klarfall.incoming.actions.quarantine import NotHandled
from klarfall.incoming.models import BlockedSender, IncomingMail, MailCopy
from klarfall.incoming.tests.mails import arrives, written
from klarfall.tickets.models import Message, Ticket
from tests.cast import NOW, make_contact
from tests.queue import again, run_jobs

STRANGER = "Nina Neu <nina@elsewhere.example>"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def held(cast: Any, system: None) -> IncomingMail:
    """A mail of somebody whom nobody knows."""
    return arrives(STRANGER, subject="Drucker", text="Er druckt nicht.", files={"log.bin": b"x"})


@pytest.fixture
def who(cast: Any) -> dict[str, Any]:
    return {"actor": cast.anna, "now": LATER}


def test_an_assigned_mail_is_the_contact_s_request(held: IncomingMail, cast: Any, who: Any):
    mail = quarantine.assign_mail(held, contact=cast.bernd, **who)
    assert (mail.outcome, mail.reason, mail.contact, mail.filed_by) == ("new_ticket", "assigned", cast.bernd, cast.anna)
    assert (mail.message.text, mail.message.author) == ("Er druckt nicht.", cast.bernd.user)
    assert MailCopy.objects.get(mail=mail).from_address == "nina@elsewhere.example"
    with pytest.raises(NotHandled):
        quarantine.assign_mail(held, contact=cast.bernd, **who)
    assert Ticket.objects.count() == 1


def test_a_mail_is_assigned_to_a_request_that_the_contact_sees(
    held: IncomingMail, cast: Any, who: Any, make_ticket: Any
):
    ticket = make_ticket()
    for other in (cast.astrid, cast.clara):
        with pytest.raises(NotHandled):
            quarantine.assign_mail(held, contact=other, ticket=ticket, **who)
    mail = quarantine.assign_mail(held, contact=cast.bernd, ticket=ticket, **who)
    assert (mail.outcome, mail.ticket, Message.objects.filter(ticket=ticket).count()) == ("reply_to", ticket, 2)


def test_a_new_contact_is_added_without_an_invitation(held: IncomingMail, cast: Any, who: Any):
    mail = quarantine.assign_to_new_contact(held, customer=cast.acme, name="Nina Neu", **who)
    contact = Contact.objects.get(user__email="nina@elsewhere.example")
    assert (contact.customer, contact.roles, contact.visibility) == (cast.acme, ["requester"], "own")
    assert (mail.outcome, mail.contact, mail.ticket.contact) == ("new_ticket", contact, contact)
    assert not Invitation.objects.exists()
    assert arrives(STRANGER).outcome == "new_ticket"


def test_staff_and_known_contacts_cannot_be_added_again(cast: Any, system: None, who: Any):
    held = arrives("anna@vendor.example")
    with pytest.raises(ContactRefused):
        quarantine.assign_to_new_contact(held, customer=cast.acme, name="Anna", **who)
    assert IncomingMail.objects.get().outcome == "quarantine"


def test_a_replayed_mail_is_filed_by_what_is_known_now(held: IncomingMail, cast: Any, who: Any):
    assert quarantine.replay_mail(held, **who).outcome == "quarantine"
    user = make_contact("Nina", cast.acme).user
    user.email = "nina@elsewhere.example"
    user.save()
    mail = quarantine.replay_mail(held, **who)
    assert (mail.outcome, mail.ticket.contact.user, mail.filed_by) == ("new_ticket", user, cast.anna)
    with pytest.raises(NotHandled):
        quarantine.replay_mail(held, **who)


def test_a_mail_that_was_filed_stays_where_it_is(cast: Any, system: None, who: Any):
    filed = arrives()
    for act in (lambda: quarantine.replay_mail(filed, **who), lambda: quarantine.reject_mail(filed, text="", **who)):
        with pytest.raises(NotHandled):
            act()
    quarantine.block_sender(filed, whole_domain=False, reason="", **who)
    assert IncomingMail.objects.get().outcome == "new_ticket"


def test_a_rejected_mail_is_answered_once(held: IncomingMail, who: Any):
    mail = quarantine.reject_mail(held, text="Bitte wenden Sie sich an Ihren Vermieter.", **who)
    assert mail.outcome == "rejected"
    run_jobs("incoming.answer")
    again("incoming.answer", mail_id=mail.pk)
    (sent,) = mailing.outbox
    assert sent.to == ["Nina Neu <nina@elsewhere.example>"]
    assert sent.extra_headers["Auto-Submitted"].startswith("auto-")
    assert sent.extra_headers["In-Reply-To"] == held.mail_id
    assert "an Ihren Vermieter" in sent.body
    assert sent.subject == "AW: Drucker"
    with pytest.raises(NotHandled):
        quarantine.reject_mail(held, text="Noch einmal", **who)


def test_without_a_text_nothing_is_sent(held: IncomingMail, who: Any):
    quarantine.reject_mail(held, text="  ", **who)
    assert run_jobs("incoming.answer") == []


@pytest.mark.parametrize("sender", ["", "MAILER-DAEMON@elsewhere.example", "support@vendor.example"])
def test_machines_and_nobody_are_never_answered(cast: Any, system: None, who: Any, sender: str, settings: Any):
    settings.DEFAULT_FROM_EMAIL = "support@vendor.example"
    held = arrives(sender or "nobody", subject="Undelivered Mail")
    IncomingMail.objects.update(outcome="quarantine")
    with pytest.raises(NotHandled) as refused:
        quarantine.reject_mail(held, text="Hallo", **who)
    assert refused.value.field == "text"
    assert quarantine.why_no_answer(held)
    assert quarantine.reject_mail(held, text="", **who).outcome == "rejected"


@pytest.mark.parametrize(("whole", "pattern"), [(False, "nina@elsewhere.example"), (True, "@elsewhere.example")])
def test_a_blocked_sender_is_rejected_until_let_in_again(held: IncomingMail, who: Any, whole: bool, pattern: str):
    blocked = quarantine.block_sender(held, whole_domain=whole, reason="Werbung", **who)
    assert blocked.pattern == pattern
    assert IncomingMail.objects.get(pk=held.pk).outcome == "rejected"
    assert arrives(STRANGER).reason == "blocked"
    assert arrives("other@elsewhere.example").outcome == ("rejected" if whole else "quarantine")
    quarantine.unblock_sender(blocked, **who)
    quarantine.unblock_sender(blocked, **who)
    assert arrives(STRANGER).reason == "unknown_sender"
    entries = AuditEntry.objects.filter(verb__startswith="sender.")
    assert [one.verb for one in entries.order_by("pk")] == ["sender.blocked", "sender.unblocked"]
    assert "nina" not in json.dumps([one.data for one in entries])


@pytest.mark.parametrize(
    ("sender", "whole"),
    [
        ("x@gmail.com", True),
        ("x@acme.example", True),
        ("support@vendor.example", False),
        ("other@vendor.example", True),
        ("", False),
    ],
)
def test_customers_and_ourselves_are_never_blocked(
    cast: Any, system: None, who: Any, sender: str, whole: bool, settings: Any
):
    settings.DEFAULT_FROM_EMAIL = "support@vendor.example"
    Customer.objects.filter(pk=cast.acme.pk).update(mail_domains=["acme.example"])
    held = arrives(sender or "nobody")
    with pytest.raises(NotHandled):
        quarantine.block_sender(held, whole_domain=whole, reason="", **who)
    assert not BlockedSender.objects.exists()


def test_contacts_handle_no_mails(held: IncomingMail, cast: Any):
    with pytest.raises(NotAllowed):
        quarantine.replay_mail(held, actor=cast.bernd.user, now=LATER)


def _command(raw: bytes, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[str, str, int]:
    """Standard output, standard error and exit code of the command for a mail on standard input."""
    given = io.TextIOWrapper(io.BytesIO(raw))
    monkeypatch.setattr(sys, "stdin", given)
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("receive_mail", *arguments, stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return out.getvalue(), err.getvalue(), code


KEYS = {
    "outcome", "reason", "ticket_number", "message_id", "sender", "subject", "visible_text", "html",
    "attachment_names",
}  # fmt: skip


def test_the_command_prints_one_object(cast: Any, monkeypatch: pytest.MonkeyPatch):
    html = '<p onclick="x()">Hallo</p><script>x()</script><img src="https://evil.example/x.png">'
    raw = written(text="Hallo\n\n> alt", html=html, files={"a.bin": b"x"}, message_id="<a@acme.example>").as_bytes()
    out, _err, code = _command(raw, monkeypatch, "--to", "support@vendor.example", "--from", "bernd@acme.example")
    told = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert set(told) == KEYS
    assert (told["outcome"], told["sender"], told["message_id"]) == (
        "new_ticket",
        "bernd@acme.example",
        "<a@acme.example>",
    )
    assert (told["visible_text"], told["attachment_names"]) == ("Hallo", ["a.bin"])
    assert "Hallo" in told["html"]
    assert not any(word in told["html"] for word in ("script", "onclick", 'src="https'))
    with viewing_as(SYSTEM):
        assert told["ticket_number"] == Ticket.objects.get().number
    again_out, _err, code = _command(b"Received: again\r\n" + raw, monkeypatch)
    assert (json.loads(again_out), code) == (told, 0)


def test_the_command_tells_of_quarantine(cast: Any, monkeypatch: pytest.MonkeyPatch):
    out, _err, code = _command(written(STRANGER).as_bytes(), monkeypatch)
    told = json.loads(out)
    assert (told["outcome"], told["reason"], told["ticket_number"], code) == ("quarantine", "unknown_sender", None, 0)


@pytest.mark.parametrize("raw", [b"", b" \r\n\n"])
def test_the_command_refuses_nothing_at_all(cast: Any, monkeypatch: pytest.MonkeyPatch, raw: bytes):
    out, err, code = _command(raw, monkeypatch)
    assert (out, code) == ("", 65)
    assert "no mail" in err


def test_the_command_has_it_delivered_again_when_it_cannot_be_stored(cast: Any, monkeypatch: pytest.MonkeyPatch):
    def full(*_args: Any, **_given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("klarfall.incoming.management.commands.receive_mail.put", full)
    out, _err, code = _command(written().as_bytes(), monkeypatch)
    assert (out, code) == ("", 75)


def test_the_command_stores_what_cannot_be_filed(cast: Any, monkeypatch: pytest.MonkeyPatch):
    def breaks(*_args: Any, **_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("klarfall.incoming.filing.decided", breaks)
    out, _err, code = _command(written().as_bytes(), monkeypatch)
    told = json.loads(out)
    assert (told["outcome"], told["reason"], told["subject"], code) == ("quarantine", "failed", "Saldo stimmt nicht", 0)
