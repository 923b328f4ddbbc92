"""What people do in tests of remote sessions: ask, agree, begin."""

from klarfall.billing.actions import remote as held
from klarfall.billing.tests.steps import clock
from klarfall.contracts.remote_consent import hash_of
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import remote
from klarfall.tickets.models import TicketEvent
from tests.cast import concern_of, fresh

ASKED, AGREED, BEGUN = clock("09:10"), clock("09:12"), clock("09:15")


def ask(cast, ticket, *, at=ASKED, **given):
    values = {"contact": cast.bernd, "purpose": "Maske ansehen", "concern": concern_of(ticket), **given}
    return remote.invite_to_session(ticket, **{"actor": cast.anna, "now": at, **values})


def proof(session, language="de"):
    with viewing_as(SYSTEM):
        return hash_of(fresh(session).consent_text.said(language))


def agree(session, contact, *, at=AGREED, text_hash=None, **given):
    shown = proof(session) if text_hash is None else text_hash
    return remote.agree(session, text_hash=shown, actor=contact.user, now=at, **given)


def begin(cast, session, concern, *, at=BEGUN, purpose="work", actor=None):
    return held.start_session(session, concern=concern, purpose=purpose, actor=actor or cast.anna, now=at)


def kinds(ticket):
    with viewing_as(SYSTEM):
        rows = TicketEvent.objects.filter(ticket=ticket).order_by("sequence")
        return [one.kind for one in rows if one.kind.startswith(("remote.", "consent."))]
