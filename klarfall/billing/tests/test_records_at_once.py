"""Issuing a service record while somebody else issues one, records time or answers: with two real connections."""

import pytest

from klarfall.billing.actions import service_records
from klarfall.billing.actions.service_records import RecordRefused
from klarfall.billing.models import ServiceRecord, TimeEntry, TimeLock
from klarfall.billing.records.drafting import draft_of
from klarfall.billing.tests.record_steps import s1
from klarfall.billing.tests.steps import clock, work
from klarfall.billing.tests.test_concurrency import at_once
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.events import broken_events
from tests.cast import concern_of, fresh

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def told(committed_db, cast, make_ticket):
    return s1(cast, make_ticket)


def test_a_double_click_issues_one_revision(told, cast):
    def issue():
        return service_records.issue_record(told.ticket, actor=cast.anna, now=told.now)

    results = at_once(issue, issue)
    assert {type(one) for one in results} == {ServiceRecord, RecordRefused}, results
    with viewing_as(SYSTEM):
        assert ServiceRecord.objects.count() == 1
        assert broken_events(fresh(told.ticket)) == []


def test_time_recorded_meanwhile_is_in_it_or_waits_for_the_next(told, cast):
    concern = concern_of(told.ticket)
    issued, entry = at_once(
        lambda: service_records.issue_record(told.ticket, actor=cast.anna, now=told.now),
        lambda: work(cast, concern, "11:30", "11:40", actor=cast.dora, now=told.now),
    )
    assert isinstance(issued, ServiceRecord), issued
    assert isinstance(entry, TimeEntry), entry
    with viewing_as(SYSTEM):
        shown = {one["id"] for one in issued.content["concerns"][0]["entries"]}
        locked = set(TimeLock.objects.values_list("entry_id", flat=True))
        assert shown == locked
        assert (TimeEntry.objects.get(pk=entry.pk).status == "locked") == (entry.pk in shown)
        assert draft_of(fresh(told.ticket), told.now).is_new == (entry.pk not in shown)
        assert broken_events(fresh(told.ticket)) == []


def test_two_answers_at_once_leave_one(told, cast):
    record = service_records.issue_record(told.ticket, actor=cast.anna, now=told.now)
    first, second = at_once(
        lambda: service_records.confirm_record(record, actor=cast.bernd.user, now=clock("12:10")),
        lambda: service_records.confirm_record(record, actor=cast.bernd.user, now=clock("12:10")),
    )
    assert {type(first), type(second)} == {ServiceRecord, RecordRefused}, (first, second)
