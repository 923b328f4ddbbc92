"""Remote sessions up to their start: invitation, consent, refusal (INV-28). Then see `billing/actions/remote.py`."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.contracts import remote_consent
from klarfall.core.action import NotAllowed, action
from klarfall.customers.models import Contact
from klarfall.tickets import acting, remote_rules
from klarfall.tickets.events import record, seal
from klarfall.tickets.locking import locked
from klarfall.tickets.models import Concern, RemoteParticipant, RemoteSession, RemoteStatus, Ticket
from klarfall.tickets.models.remote_session import OPEN, ConsentWay
from klarfall.tickets.remote_rules import NoConsent, NoRemoteSession, join, line, locked_session
from klarfall.tickets.workflow import apply_remote

__all__ = [
    "NoConsent",
    "NoRemoteSession",
    "agree",
    "cancel_session",
    "change_access",
    "decline_session",
    "invite_to_session",
    "name_participant",
    "record_consent",
]

_LINE, _PURPOSE = 240, 200


@action
def invite_to_session(
    ticket: Ticket,
    *,
    contact: Contact,
    purpose: str,
    concern: Concern | None = None,
    link: str = "",
    code: str = "",
    dpa_reason: str = "",
    actor: Any,
    now: datetime,
) -> RemoteSession:
    """Ask `contact` for a look at their screen; they are mailed the page on which they decide.

    Raises NotAllowed, NoRemoteSession, NoConsent or LinkRefused (with `field`).
    """
    words = line(purpose, field="purpose", limit=_PURPOSE)
    reason = line(dpa_reason, field="dpa_reason", limit=_LINE, required=False)
    ticket = locked(ticket)
    acting.require("remote.hold", actor, ticket, now)
    _check_invitation(ticket, contact, concern, now)
    remote_rules.check_agreement(ticket, reason, actor)
    given: dict[str, Any] = {"contact": contact, "concern": concern, "purpose": words, "dpa_reason": reason}
    given |= {**remote_rules.access(ticket, link, code), "consent_text": remote_consent.current_text(now)}
    owned = {"customer_id": ticket.customer_id, "ticket": ticket}
    session = RemoteSession.objects.create(**owned, **given, recorded_by=actor, created_at=now)
    join(session, user=actor, now=now)
    _tell(session, "remote.invited", ticket=ticket, actor=actor, now=now, words=words, contact=contact.pk)
    return session


@action
def record_consent(
    ticket: Ticket,
    *,
    contact: Contact,
    purpose: str,
    way: str,
    at: datetime,
    dpa_reason: str = "",
    session: RemoteSession | None = None,
    actor: Any,
    now: datetime,
) -> RemoteSession:
    """Record that `contact` agreed to a remote session for `purpose`; returns the session to be.

    In the portal the contact itself agrees; what was said on the phone or by mail a specialist records, who has read
    the words aloud. With `session` it answers an invitation. Without a data-processing agreement a specialist must say
    why (`dpa_reason`). `at` is bounded (`remote_rules.check_moment`): what counts is written down soon, INV-28.
    """
    words = line(purpose, field="purpose", limit=_PURPOSE)
    reason = line(dpa_reason, field="dpa_reason", limit=_LINE, required=False)
    ticket = locked(ticket)
    acting.require("consent.record", actor, ticket, now)
    _check(ticket, contact, way, actor)
    remote_rules.check_way(ticket)
    if session is not None:
        session = locked_session(session)
        reason = reason or session.dpa_reason
    remote_rules.check_moment(ticket, session, at, now)
    remote_rules.check_agreement(ticket, reason, actor)
    given = {"purpose": words, "consent_by": contact, "consent_at": at, "consent_way": way, "dpa_reason": reason}
    return _agreed(ticket, session, given, actor=actor, now=now)


@action
def agree(
    session: RemoteSession, *, text_hash: str, evidence: dict[str, Any] | None = None, actor: Any, now: datetime
) -> RemoteSession:
    """The customer agrees on the page: any contact who sees the request, for themselves, to the words they read.

    `text_hash` proves the words, `evidence` is address and browser. Raises NoConsent where anything changed meanwhile.
    """
    ticket = locked(session.ticket)
    contact = acting.require("consent.record", actor, ticket, now)
    session = locked_session(session)
    if contact is None:
        raise NotAllowed(_("Nobody agrees for somebody else."))
    remote_rules.check_way(ticket)
    remote_rules.check_agreement(ticket, session.dpa_reason, actor)
    language = remote_consent.language_of(session.consent_text, text_hash) if session.consent_text else ""
    if not language:
        raise NoConsent(_("The words have changed meanwhile. Please read them once more."))
    known = {str(key)[:40]: str(value)[:300] for key, value in list((evidence or {}).items())[:10]}
    proof = seal(ticket, "", {"name": actor.name, "evidence": known}, person=actor, internal=True)
    given = {"consent_by": contact, "consent_at": now, "consent_way": ConsentWay.PORTAL, "evidence": proof}
    given |= {"text_hash": text_hash, "text_language": language}
    return _agreed(ticket, session, given, actor=actor, now=now)


@action
def decline_session(session: RemoteSession, *, reason: str = "", actor: Any, now: datetime) -> RemoteSession:
    """Say no, or take a consent back before the session begins. It has no disadvantage, and needs no reason."""
    words = line(reason, field="reason", limit=_LINE, required=False)
    ticket = locked(session.ticket)
    acting.require("consent.record", actor, ticket, now)
    session = locked_session(session)
    agreed = session.status == RemoteStatus.AGREED
    fields: dict[str, Any] = {"ended_at": now, "ended_by": actor, "note": words}
    apply_remote(session, "withdraw" if agreed else "decline", ticket=ticket, actor=actor, **fields)
    kind = "remote.withdrawn" if agreed else "remote.declined"
    _tell(session, kind, ticket=ticket, actor=actor, now=now, words=words)
    return session


@action
def cancel_session(session: RemoteSession, *, actor: Any, now: datetime) -> RemoteSession:
    """Take an invitation back, or give up a session before it began."""
    ticket = locked(session.ticket)
    acting.require("remote.hold", actor, ticket, now)
    session = locked_session(session)
    apply_remote(session, "cancel", ticket=ticket, actor=actor, ended_at=now, ended_by=actor)
    _tell(session, "remote.cancelled", ticket=ticket, actor=actor, now=now)
    return session


@action
def change_access(session: RemoteSession, *, link: str, code: str, actor: Any, now: datetime) -> RemoteSession:
    """Change what opens the tool: codes expire. Raises LinkRefused (with `field`)."""
    ticket = locked(session.ticket)
    acting.require("remote.hold", actor, ticket, now)
    session = _open(session)
    given = remote_rules.access(ticket, link, code)
    session.link, session.code = given["link"], given["code"]
    session.save(update_fields=["link", "code"])
    _tell(session, "remote.access_changed", ticket=ticket, actor=actor, now=now, public=False)
    return session


@action
def name_participant(
    session: RemoteSession, *, contact: Contact | None = None, name: str = "", actor: Any, now: datetime
) -> RemoteParticipant:
    """Note who else is there: a contact of the customer, or somebody by name."""
    words = "" if contact else line(name, field="name", limit=120)
    ticket = locked(session.ticket)
    acting.require("remote.hold", actor, ticket, now)
    session = _open(session)
    if contact is not None:
        remote_rules.check_person(ticket, contact)
        return join(session, contact=contact, now=now)
    return join(session, named=seal(ticket, words), now=now)


def _agreed(
    ticket: Ticket, session: RemoteSession | None, given: dict[str, Any], *, actor: Any, now: datetime
) -> RemoteSession:
    """Store a consent with its words: of an invitation, or as a session of its own."""
    contact = given["consent_by"]
    if session is not None:
        if session.ticket_id != ticket.pk:
            raise NoConsent(_("The consent was given later, or for another request."))
        apply_remote(session, "agree", ticket=ticket, actor=actor, **_with_words(given, session.consent_text, contact))
    else:
        shown = remote_consent.text_at(given["consent_at"])
        session = RemoteSession.objects.create(
            customer_id=ticket.customer_id,
            ticket=ticket,
            contact=contact,
            status=RemoteStatus.AGREED,
            consent_text=shown,
            recorded_by=actor,
            created_at=now,
            **_with_words(given, shown, contact),
        )
    join(session, contact=contact, now=now)
    data = {"session": session.pk, "contact": contact.pk, "way": session.consent_way}
    data |= {"at": given["consent_at"].isoformat(), "text": session.text_hash}
    words = seal(ticket, session.purpose)
    record(ticket, "consent.recorded", actor=actor, now=now, data=data, sealed=words, public=True)
    return session


def _with_words(given: dict[str, Any], shown: Any, contact: Contact) -> dict[str, Any]:
    """The proof of the words read aloud, in the person's language, where the page itself has not proved them."""
    if shown is None or "text_hash" in given:
        return given
    language = "en" if contact.user.language.startswith("en") else "de"
    return given | {"text_hash": remote_consent.hash_of(shown.said(language)), "text_language": language}


def _open(session: RemoteSession) -> RemoteSession:
    found = locked_session(session)
    if not found.is_open:
        raise NoRemoteSession(_("This session is over."))
    return found


def _tell(
    session: RemoteSession,
    kind: str,
    *,
    ticket: Ticket,
    actor: Any,
    now: datetime,
    words: str = "",
    public: bool = True,
    **data: Any,
) -> None:
    sealed = seal(ticket, words, person=actor if kind != "remote.invited" else None) if words else None
    record(ticket, kind, actor=actor, now=now, data={"session": session.pk, **data}, sealed=sealed, public=public)


def _check_invitation(ticket: Ticket, contact: Contact, concern: Concern | None, now: datetime) -> None:
    remote_rules.check_way(ticket)
    remote_rules.check_person(ticket, contact)
    if not acting.sees(contact, ticket, now):
        raise NoConsent(_("This person does not see the request."), field="contact")
    if concern is not None and concern.ticket_id != ticket.pk:
        raise NoRemoteSession(_("This concern belongs to another request."))
    if RemoteSession.objects.filter(ticket=ticket, status__in=OPEN).exists():
        raise NoRemoteSession(_("There is a session for this request already. Please end or cancel it first."))


def _check(ticket: Ticket, contact: Contact, way: str, actor: Any) -> None:
    remote_rules.check_person(ticket, contact)
    if way not in ConsentWay.values:
        raise NoConsent(_("Please choose how the customer agreed."), field="way")
    if actor.is_contact and contact.user_id != actor.pk:
        raise NotAllowed(_("Nobody agrees for somebody else."))
    if (way == ConsentWay.PORTAL) != actor.is_contact:
        raise NoConsent(
            _("In the portal the customer agrees; you record what was said on the phone or by e-mail."), field="way"
        )
    if not ticket.is_live:
        raise NoConsent(_("This request is finished."))
