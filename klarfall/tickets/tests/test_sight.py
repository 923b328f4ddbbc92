"""Whoever does not see a request does nothing with it (domain.md, section 7).

Pages hide it from them already; what comes by mail or from a job must not be the way around.
"""

import pytest

from klarfall.core.action import NotAllowed
from klarfall.tickets.actions.cancel import cancel
from klarfall.tickets.actions.object import open_objection, withdraw_objection
from klarfall.tickets.actions.rate import rate
from klarfall.tickets.actions.remote import record_consent
from klarfall.tickets.actions.reopen import reopen
from klarfall.tickets.actions.reply import reply
from klarfall.tickets.actions.review import ask_coverage
from klarfall.tickets.tests.steps import publish, resolved, seeing
from tests.cast import NOW, make_contact


@pytest.fixture
def acts(make_ticket, cast):
    """What a contact can do, each on a request that is ready for it; takes the contact."""
    new, asked, assessed, objected, remote = (make_ticket(title=str(number)) for number in range(5))
    assessment = publish(cast, assessed, "COV-USE")
    objection = open_objection(publish(cast, objected, "COV-USE"), text="Nein", actor=cast.bernd.user, now=NOW)
    consent = {"purpose": "Ansehen", "way": "portal", "at": NOW}
    done, again = resolved(cast, make_ticket(title="6")), resolved(cast, make_ticket(title="7"))
    return {
        "reply": lambda who: reply(new, text="Hallo", actor=who.user, now=NOW),
        "ask": lambda who: ask_coverage(asked, actor=who.user, now=NOW),
        "object": lambda who: open_objection(assessment, text="Nein", actor=who.user, now=NOW),
        "withdraw": lambda who: withdraw_objection(objection, actor=who.user, now=NOW),
        "consent": lambda who: record_consent(remote, contact=who, **consent, actor=who.user, now=NOW),
        "rate": lambda who: rate(done, stars=1, actor=who.user, now=NOW),
        "reopen": lambda who: reopen(again, text="Noch etwas", actor=who.user, now=NOW),
        "cancel": lambda who: cancel(asked, actor=who.user, now=NOW),
    }


def test_a_colleague_without_sight_does_nothing_and_with_it_everything(acts, cast):
    gesa = make_contact("Gesa", cast.acme)
    for act in acts.values():
        with pytest.raises(NotAllowed):
            act(gesa)
    seeing(gesa)
    for act in acts.values():
        act(gesa)
