"""The facts of a story are those that the engine reads for itself, for everybody who looks."""

from dataclasses import fields

import pytest
from django.utils import timezone

from klarfall.billing.engine import ConcernFacts
from klarfall.billing.facts import facts_of
from klarfall.billing.story import read, ticket_rows
from klarfall.core.isolation import NOBODY, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.tickets.models import Concern


def as_sets(facts: ConcernFacts):
    """Facts stand in any order."""
    return {one.name: set(getattr(facts, one.name)) for one in fields(facts)}


@pytest.mark.parametrize("who", ["specialist", "contact"])
def test_a_story_holds_the_same_facts(who, acme_story):
    user = acme_story.cast.anna if who == "specialist" else acme_story.gesa.user
    with viewing_as(NOBODY):
        seen = Viewer(ViewerKind.STAFF, user.pk) if user.is_staff else viewer_for(user, timezone.localdate())
    compared, kinds = 0, set()
    with viewing_as(seen):
        for ticket in ticket_rows():
            story = read(ticket, now=acme_story.now)
            expected = facts_of(Concern.objects.filter(ticket=ticket)) if story.facts else {}
            assert {pk: as_sets(found) for pk, found in story.facts.items()} == {
                pk: as_sets(found) for pk, found in expected.items()
            }
            compared += len(expected)
            kinds |= {name for found in expected.values() for name, rows in as_sets(found).items() if rows}
    assert compared > 10
    assert kinds >= {"assessments", "objections", "offers", "stops", "done", "entries", "goodwill"}
