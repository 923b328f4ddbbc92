"""Billing runs: preview, freezing, what changes between them, and what falls into the next run."""

from klarfall.billing.tests.run_steps import freeze, lines, locked, opened, previewed
from klarfall.billing.tests.steps import accept, clock, refresh, send, work
from tests.cast import concern_of


def test_a_run_bills_what_was_accepted(cast, make_ticket):
    concern = concern_of(make_ticket(now=clock("07:50")))
    review = work(cast, concern, "08:20", "08:31", purpose="triage")
    offer = send(cast, concern, at=clock("08:40"))
    accept(offer, cast.astrid, at=clock("09:00"))
    entries = [work(cast, concern, *span) for span in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27"))]
    batch = opened()
    expected = [("work", 67, "165.27"), ("rounding", 8, "19.73")]
    expected = previewed(batch)
    batch = freeze(batch)
    assert lines(batch) == expected
    assert (batch.status, batch.stage, batch.minutes) == ("frozen", "", 75)
    assert locked(batch) == [(entry.pk, offer.pk, entry.minutes) for entry in entries]
    assert {refresh(entry).status for entry in entries} == {"locked"}
    assert refresh(review).status == "recorded"
