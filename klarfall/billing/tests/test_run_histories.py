"""Random months of work, changes and runs: after each run everything frozen is what one complete bill would say."""

import random
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from klarfall.billing import vat
from klarfall.billing.actions import decisions, goodwill
from klarfall.billing.actions.batches import NothingToBill, discard_batch
from klarfall.billing.actions.time import correct_entry, delete_entry, record_time
from klarfall.billing.engine import MinuteClass, bill, classify, finished
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine, CostOffer, TimeEntry, TimeLock, Unbilled
from klarfall.billing.status import EFFECTIVE
from klarfall.billing.tests.run_steps import biller, freeze, opened
from klarfall.billing.tests.steps import accept, clock, send, send_more
from klarfall.contracts.queries import local_day
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions import object as objections
from klarfall.tickets.models import Concern
from tests.cast import berlin, concern_of, make_staff

DAY = "2026-11-02"


class Life:
    """One concern, its agents, and a clock that only goes forward."""

    def __init__(self, cast, concern, seed):
        self.cast, self.concern, self.dice = cast, concern, random.Random(seed)
        self.lead = make_staff("Lea", "lead")
        self.now = clock("10:00", DAY)
        self.runs = 0

    def step(self):
        self.now += timedelta(minutes=self.dice.randint(20, 60 * 40), seconds=self.dice.randint(0, 59))
        names = ["work"] * 6 + ["late"] * 2 + ["correct", "delete", "grant", "stop", "offer", "object"] + ["run"] * 3
        try:
            getattr(self, self.dice.choice(names))()
        except Refused:
            return

    def work(self, late=timedelta(0)):
        end = self.now - late
        start = end - timedelta(minutes=self.dice.randint(1, 70), seconds=self.dice.randint(0, 59))
        record_time(
            self.concern, purpose="work", channel="internal", activity="Arbeit", start=start, end=end,
            late_reason="Vergessen" if late else "", actor=self.dice.choice([self.cast.anna, self.cast.dora]),
            now=self.now,
        )  # fmt: skip

    def late(self):
        self.work(timedelta(hours=self.dice.randint(25, 300)))

    def _entry(self):
        with viewing_as(SYSTEM):
            return self.dice.choice(list(TimeEntry.objects.order_by("id")) or [None])

    def correct(self):
        if entry := self._entry():
            start = entry.raw_start + timedelta(minutes=self.dice.randint(-9, 9))
            correct_entry(entry, start=start, late_reason="Irrtum", actor=self.lead, now=self.now)

    def delete(self):
        if entry := self._entry():
            delete_entry(entry, actor=self.lead, now=self.now)

    def grant(self):
        minutes, net = self.dice.choice([(7, "0.00"), (0, "12.34"), (40, "5.00")])
        goodwill.grant_goodwill(
            self.concern, minutes=minutes, net=Decimal(net), reason="Kulanz", actor=self.lead, now=self.now
        )

    def stop(self):
        decisions.stop(self.concern, actor=self.cast.bernd.user, now=self.now)

    def offer(self):
        with viewing_as(SYSTEM):
            if CostOffer.objects.filter(status__in=EFFECTIVE).count() > 2:
                return
        cap = self.dice.choice([{"cap_minutes": 90}, {"cap_minutes": None, "cap_net": Decimal("100.00")}])
        found = send_more(self.cast, self.concern, at=self.now, **cap)
        self.now += timedelta(minutes=3)
        accept(found, self.cast.bernd, at=self.now)

    def object(self):
        with viewing_as(SYSTEM):
            current = Concern.objects.get(pk=self.concern.pk).current_assessment
        opened_ = objections.open_objection(current, text="Nein", actor=self.cast.bernd.user, now=self.now)
        self.now += timedelta(hours=self.dice.randint(1, 30))
        if self.dice.random() < 0.6:
            self.work()
        objections.withdraw_objection(opened_, actor=self.cast.bernd.user, now=self.now)

    def run(self):
        batch = opened(local_day(self.now) - timedelta(days=self.dice.choice([1, 1, 2])), at=self._clock())
        if self.dice.random() < 0.5:  # something happens between preview and freezing
            self.now += timedelta(minutes=30)
            with suppress(Refused):
                self.dice.choice([self.late, self.work, self.delete, self.correct, self.grant])()
        try:
            batch = freeze(batch, at=self._clock())
        except NothingToBill:
            discard_batch(batch, actor=biller(), now=self.now)
            return
        if batch.status == "open":
            discard_batch(batch, actor=biller(), now=self.now)
            return
        self.runs += 1
        self.prove(batch)

    def _clock(self):
        return (self.now + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")

    def prove(self, batch):
        """Sums per offer, rate and kind are those of one complete bill, locks those of one classification."""
        with viewing_as(SYSTEM):
            facts = finished(facts_of([self.concern])[self.concern.pk])
            said = {
                (line.offer_id, line.kind.value): (line.minutes, line.net)
                for line in bill(facts, vat.periods(self.cast.acme), batch.until)
            }
            rows = BillingLine.objects.order_by().values_list("offer", "counts_for")
            frozen = {
                (offer, kind): (minutes, net)
                for offer, kind, minutes, net in rows.annotate(m=Sum("minutes"), n=Sum("net"))
                if minutes or net
            }
            assert frozen == said
            locked = sum((lock.end - lock.start for lock in TimeLock.objects.exclude(offer=None)), timedelta(0))
            classes = classify(facts, batch.until)
            billable = sum(one.minutes for one in classes if one.minute_class is MinuteClass.BILLABLE)
            assert locked == timedelta(minutes=billable)
            assert not Unbilled.objects.filter(since__lt=batch.until).exists()


@pytest.mark.parametrize("seed", range(5))
def test_runs_add_up_to_one_complete_bill(cast, make_ticket, seed):
    concern = concern_of(make_ticket(now=clock("08:00", DAY)))
    accept(send(cast, concern, at=clock("08:30", DAY)), cast.astrid, at=clock("09:00", DAY))
    life = Life(cast, concern, seed)
    for _ in range(24):
        life.step()
    life.now = berlin("2027-03-01 10:00")
    life.work()
    life.now = berlin("2027-03-03 10:00")
    life.run()
    assert life.runs
