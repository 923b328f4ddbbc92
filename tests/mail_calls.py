"""Mails of the Acme story, and who may handle those that nobody could be assigned: calls of the permission sweep."""

from collections.abc import Callable
from typing import Any

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.actions import contacts
from klarfall.incoming.actions import quarantine
from klarfall.incoming.models import BlockedSender, IncomingMail
from klarfall.incoming.tests.mails import arrives


def tell_of_mails(story: Any, marked: Callable[[str], str]) -> None:
    """Bernd asks by mail; somebody of Acme whom nobody knows writes as well; and somebody is blocked."""
    words = {
        "subject": marked("betreff"),
        "text": f"{marked('mailtext')}\n\n-- \n{marked('unterschrift')}",
        "html": f"<p>{marked('mailtext')}</p><p><b>{marked('formatiert')}</b></p>",
        "files": {f"{marked('datei')}.txt": marked("inhalt").encode()},
    }
    story.things["mail"] = arrives("Bernd <bernd@acme.example>", **words, now=story.later())
    story.tickets["mailed"] = story.things["mail"].ticket
    unknown = {"subject": marked("unbekannt"), "text": marked("fremdertext"), "now": story.later()}
    story.things["mail_waiting"] = arrives("nina@acme.example", **unknown)
    spam = arrives("werbung@elsewhere.example", subject="Angebot", now=story.later())
    given = {"whole_domain": True, "reason": "Werbung", "actor": story.cast.anna, "now": story.later()}
    story.things["blocked"] = quarantine.block_sender(spam, **given)


def _waiting(t: Any) -> IncomingMail:
    with viewing_as(SYSTEM):
        return IncomingMail.objects.get(pk=t.thing("mail_waiting").pk)


def _blocked(t: Any) -> BlockedSender:
    with viewing_as(SYSTEM):
        return BlockedSender.objects.get(pk=t.thing("blocked").pk)


_BLOCK = {"whole_domain": False, "reason": "Werbung"}
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    quarantine.assign_mail: (
        "mail.handle",
        lambda t: quarantine.assign_mail(_waiting(t), contact=t.story.cast.bernd, **t.who),
    ),
    quarantine.assign_to_new_contact: (
        "mail.handle",
        lambda t: quarantine.assign_to_new_contact(_waiting(t), customer=t.story.cast.acme, name="Nina", **t.who),
    ),
    quarantine.replay_mail: ("mail.handle", lambda t: quarantine.replay_mail(_waiting(t), **t.who)),
    quarantine.reject_mail: ("mail.handle", lambda t: quarantine.reject_mail(_waiting(t), text="Nein", **t.who)),
    quarantine.block_sender: ("mail.handle", lambda t: quarantine.block_sender(_waiting(t), **_BLOCK, **t.who)),
    quarantine.unblock_sender: ("mail.handle", lambda t: quarantine.unblock_sender(_blocked(t), **t.who)),
    contacts.add_requester: (
        "registration.decide",
        lambda t: contacts.add_requester(t.story.cast.acme, email="nora@acme.example", name="Nora", **t.who),
    ),
}
