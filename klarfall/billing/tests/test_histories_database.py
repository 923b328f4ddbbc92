"""Random lives of a concern through the real actions and the real database, beside the same life in memory.

After every step the facts read from the tables must lead the engine to the very bill that the slow one makes of the
life in memory; a frozen batch must hold the very lines. Every life ends in batches. `DATABASE_HISTORIES` (environment)
says how many lives; the same number always is the same life.
"""

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction

from klarfall.billing import vat
from klarfall.billing.actions import (
    assessments,
    batches,
    decisions,
    goodwill,
    offers,
    resolution,
    service_records,
    time,
)
from klarfall.billing.actions.batches import NothingToBill
from klarfall.billing.engine import Caps, LineKind, Outcome, Purpose, bill, classify, finished
from klarfall.billing.facts import facts_of
from klarfall.billing.models import BillingLine, CostOffer, TimeEntry, TimeLock
from klarfall.billing.tests import run_steps
from klarfall.billing.tests.lives import BERLIN, MINUTE, Card, Life
from klarfall.billing.tests.reference import slow_classify
from klarfall.billing.tests.reference_bill import Row, slow_bill
from klarfall.billing.tests.steps import EVIDENCE, accept, decline, publish, terms, verdict
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.models import Assessment, Objection
from tests.cast import berlin, concern_of, fresh, make_staff

PARTS = 2
HISTORIES = int(os.environ.get("DATABASE_HISTORIES", "12"))
STEPS = 2
#: Among so many lives each of these happens: a test in which everything is refused would prove nothing.
ENOUGH = 60
NEEDED = {"accepted", "recorded", "stopped", "freed", "objected", "timer", "granted", "issued", "frozen", "bills"}
SUPPORT = Card(Decimal("132.00"), 15, 15)
LOWER = (Caps(10), Caps(None, Decimal("28.60")))  # 13 minutes

NOTHING = timedelta(0)


class DatabaseLife:
    """One concern of Acme in the database, through actions, and in memory. What is refused happens in neither."""

    def __init__(self, cast, make_ticket, emil, dice, tally):
        self.cast, self.emil, self.dice, self.tally = cast, emil, dice, tally
        self.life = Life(SUPPORT, (), berlin(f"{dice.choice(['2026-11-24', '2026-10-24'])} 09:00"))
        self.ticket = make_ticket(now=self.life.now - timedelta(hours=1))
        with viewing_as(SYSTEM):
            self.life.vat = vat.periods(cast.acme)
        self.numbers: dict[int, int] = {}
        self.rows: dict[int, int] = {}
        self.send_notice("CHG-CONF")
        self.accept(None)

    # -- chances ---------------------------------------------------------------------------------------------------

    def length(self):
        return timedelta(seconds=30 * self.dice.randint(1, 50))

    def caps(self):
        """Minutes, and now and then euros beside them."""
        net = self.dice.choice([None, None, Decimal(self.dice.randint(4_000, 9_000)).scaleb(-2)])
        return terms(5, 15, cap_minutes=self.dice.randint(15, 50), cap_net=net, lower_caps=LOWER)

    def sometimes(self):
        return self.dice.random() < 0.5

    # -- the same twice --------------------------------------------------------------------------------------------

    @property
    def concern(self):
        return concern_of(self.ticket)

    def done(self, what, act, *args, **kwargs):
        """Do it in the database; None where it is refused, and then it must not be done in memory either."""
        try:
            found = act(*args, **kwargs)
        except Refused:
            self.tally[f"{what} refused"] += 1
            return None
        self.tally[what] += 1
        return found or True

    def wait(self):
        """One person works, or two at once, and then for a while nobody."""
        lengths = [self.length() for _ in range(self.dice.choice([0, 1, 1, 2]))]
        self.life.now += max([NOTHING, *lengths])
        for agent, length in enumerate(lengths):
            self.record(agent, length, NOTHING, Purpose.WORK)
        self.life.now += timedelta(seconds=self.dice.choice([1, 30, 60, 420]))

    def record(self, agent, length, ago, purpose):
        end = self.life.now - ago
        entry = self.done(
            "recorded", time.record_time, self.concern, purpose=purpose, channel="phone", start=end - length, end=end,
            activity="Gearbeitet", late_reason="Vergessen", actor=(self.cast.anna, self.cast.dora)[agent],
            now=self.life.now,
        )  # fmt: skip
        if entry:
            assert self.life.work(agent, length, ago, purpose)
            self.rows[entry.pk] = max(self.life.entries)

    def sent(self, offer):
        """An offer that was sent in the database, in memory with its own figures."""
        self.life.send(Caps(offer.cap_minutes, offer.cap_net), as_extension=False)
        number = max(self.life.offers)
        extends = self.numbers.get(offer.extends_id)
        own = {"rate": offer.rate, "increment": offer.increment, "minimum": offer.minimum, "number": offer.number}
        self.life.offers[number] = replace(self.life.offers[number], extends=extends, **own)
        self.numbers[offer.pk] = number

    def send_notice(self, code):
        """Publish an item and send its offer."""
        trigger = {"trigger": "midway"} if self.life.assessments else {}
        offer = self.done(
            "notice", assessments.send_cost_notice, self.concern, verdict=verdict(self.cast, code, **trigger),
            offer=self.caps(), actor=self.cast.anna, now=self.life.now,
        )  # fmt: skip
        if offer:
            self.life.assess(Outcome.CHARGEABLE, code)
            self.sent(offer)
        return offer

    def look(self):
        """Classes, bill, what is due and what is locked: from the tables and from memory."""
        with viewing_as(SYSTEM):
            facts = facts_of([self.concern])[self.concern.pk]
            locked = TimeLock.objects.filter(concern=self.concern, offer__isnull=False)
            locked = Counter((self.numbers[one.offer_id], one.start, one.end) for one in locked)
        mine = self.life.facts()
        classed = slow_classify(mine, self.life.now)
        assert minutes_of(classify(facts, self.life.now), self.numbers) == Counter(
            (minute, *found) for (_, minute), found in classed.items()
        )
        lines = bill(finished(facts), self.life.vat)
        mapped = {(self.numbers[line.offer_id], *line.key[1:]): (line.minutes, line.net) for line in lines}
        assert mapped == slow_bill(finished(mine), self.life.vat)
        assert in_minutes(locked) == in_minutes(
            Counter((one.offer_id, one.start, one.end) for one in self.life.locked if one.offer_id)
        )
        self.tally["bills"] += bool(lines)

    # -- deciding --------------------------------------------------------------------------------------------------

    def send_another_notice(self):
        """Another item completes the running offer; its own rate holds for what is accepted then (rule 9)."""
        self.send_notice(self.dice.choice(["CHG-CONF", "CHG-OTHER"]))
        self.accept(None)

    def send_extension(self):
        who = {"actor": self.cast.anna, "now": self.life.now}
        offer = self.done("extension", offers.send_offer, self.concern, terms=self.caps(), **who)
        if offer:
            self.sent(offer)
        return offer

    def extend(self):
        if self.send_extension():
            self.accept(self.dice.choice([None, *LOWER]))

    def accept(self, cap):
        self.life.now += timedelta(seconds=90)
        if not self.life.sent:
            return
        number = max(self.life.sent)
        offer = self.offer(number)
        if self.done("accepted", accept, offer, self.cast.astrid, at=self.life.now, cap=cap):
            assert self.life.accept(number, cap)

    def offer(self, number):
        (found,) = [pk for pk, mine in self.numbers.items() if mine == number]
        return fresh(CostOffer(pk=found))

    def turn_down(self):
        """An offer is declined or answered with a wish; neither commissions anything."""
        offer = self.send_extension()
        if not offer:
            return
        self.life.now += timedelta(seconds=30)
        if self.sometimes():
            fields = {"text": "Weniger, bitte.", "evidence": EVIDENCE, "actor": self.cast.astrid.user}
            answer = self.done("countered", decisions.counter, offer, **fields, now=self.life.now)
        else:
            answer = self.done("declined", decline, offer, self.cast.astrid, at=self.life.now)
        if answer:
            self.life.sent.discard(self.numbers[offer.pk])

    def stop(self):
        if self.done("stopped", decisions.stop, self.concern, actor=self.cast.astrid.user, now=self.life.now):
            self.life.stop(is_recorded_with_offers=True)
        if self.sometimes():
            self.life.now += timedelta(minutes=1)
            self.extend()

    # -- assessing -------------------------------------------------------------------------------------------------

    def assess_free(self):
        code = self.dice.choice(["COV-USE", "NOT-PRODUCT"])
        if self.done("freed", publish, self.cast, self.concern, code, at=self.life.now, trigger="new_information"):
            self.life.assess(Outcome.COVERED if code == "COV-USE" else Outcome.NOT_OFFERED, code)
        if self.sometimes():
            self.life.now += timedelta(minutes=1)
            self.send_another_notice()

    def find_defect(self):
        who = {"actor": self.cast.anna, "now": self.life.now}
        if self.done("defect", assessments.report_defect, self.concern, reason="Ein Fehler im Produkt.", **who):
            self.life.assess(Outcome.COVERED, "COV-DEFECT")

    def object_or_review(self):
        who = {"now": self.life.now}
        if self.life.is_held:
            with viewing_as(SYSTEM):
                objection = Objection.objects.get(concern=self.concern, reviewed_at=None)
            answer = {"result": "confirmed", "text": "Geprüft.", "actor": self.emil}
            if self.done("reviewed", assessments.review_objection, objection, **answer, **who):
                self.life.review()
        else:
            words = {"text": "Das sehe ich anders.", "actor": self.cast.bernd.user}
            if self.done("objected", open_objection, self.assessment(), **words, **who):
                self.life.object()

    def assessment(self):
        with viewing_as(SYSTEM):
            return Assessment.objects.select_related("concern").get(pk=self.concern.current_assessment_id)

    def finish(self):
        who = {"actor": self.cast.anna, "now": self.life.now}
        if self.done("finished", resolution.finish_concern, self.concern, **who):
            self.life.stop_timer(2)
            self.life.finish()
        if self.sometimes():
            self.life.now += timedelta(minutes=1)
            self.send_another_notice()

    # -- time ------------------------------------------------------------------------------------------------------

    def remember(self):
        """Entered late, a day later with a reason."""
        ago = timedelta(hours=self.dice.choice([1, 3, 30]), minutes=7)
        self.record(self.dice.randint(0, 1), self.length(), ago, self.dice.choice(list(Purpose)))

    def start_or_stop_timer(self):
        who = {"actor": self.emil, "now": self.life.now}
        if self.life.timer(2):
            with viewing_as(SYSTEM):
                entry = TimeEntry.objects.get(agent=self.emil, raw_end=None)
            if self.done("timer", time.stop_timer, entry, **who):
                self.life.stop_timer(2)
        else:
            fields = {"purpose": "work", "channel": "phone", "activity": "Gearbeitet"}
            entry = self.done("timer", time.start_timer, self.concern, **fields, **who)
            if entry:
                self.life.start_timer(2)
                self.rows[entry.pk] = max(self.life.entries)

    def correct(self):
        """Any entry that has ended: a locked one is refused."""
        pk, number = self.dice.choice([*self.rows.items()] or [(0, 0)])
        entry = self.life.entries.get(number)
        if entry is None or entry.ended_at is None:
            return
        row, who = fresh(TimeEntry(pk=pk)), {"actor": self.cast.dora, "now": self.life.now}
        is_open = entry in self.life.changeable
        if self.sometimes():
            if self.done("deleted", time.delete_entry, row, **who):
                assert is_open
                del self.life.entries[number]
                del self.rows[pk]
        else:
            length = self.length()
            end = min(entry.ended_at, entry.started_at + length)
            if self.done("corrected", time.correct_entry, row, end=end, late_reason="Vertippt", **who):
                assert is_open
                self.life.shorten(entry, length)

    # -- money -----------------------------------------------------------------------------------------------------

    def grant(self):
        minutes, net = self.dice.randint(0, 30), Decimal(self.dice.choice([0, 1, 333, 5_000])).scaleb(-2)
        fields = {"reason": "Kulanz", "actor": self.cast.dora, "now": self.life.now}
        if self.done("granted", goodwill.grant_goodwill, self.concern, minutes=minutes, net=net, **fields):
            self.life.grant(minutes, net)

    def issue(self):
        who = {"actor": self.cast.anna, "now": self.life.now}
        if self.done("issued", service_records.issue_record, self.ticket, **who):
            self.life.issue()

    def freeze(self):
        """A run up to yesterday on another morning; the same once more has nothing to say (INV-19)."""
        days = timedelta(days=self.dice.randint(1, 2))
        morning = self.life.now.astimezone(BERLIN).replace(hour=9, minute=0, second=0) + days
        self.life.now = berlin(morning.strftime("%Y-%m-%d %H:%M"))
        lines = self.run_batch((morning - timedelta(days=1)).date())
        assert lines == Counter(as_row(one) for one in self.life.freeze_if_due(self.until))
        if self.sometimes():
            assert self.run_batch((morning - timedelta(days=1)).date()) == Counter()

    def run_batch(self, last_day):
        """The lines of a frozen run; none where there is nothing to freeze, and then nothing is locked either."""
        at = self.life.now.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M")
        batch = run_steps.opened(last_day, at=at)
        self.until = batch.until
        try:
            batch = run_steps.freeze(batch, at=at)
        except NothingToBill:
            batches.discard_batch(batch, actor=run_steps.biller(), now=self.life.now)
            self.tally["nothing to bill"] += 1
            return Counter()
        self.tally["frozen"] += 1
        with viewing_as(SYSTEM):
            rows = list(BillingLine.objects.filter(batch=batch))
        self.tally["corrected lines"] += sum(1 for row in rows if row.corrects_id)
        keys = [(self.numbers[row.offer_id], row.category, row.percent, LineKind(row.counts_for)) for row in rows]
        return Counter(
            Row(key, row.minutes, row.net, row.corrects_id is not None) for key, row in zip(keys, rows, strict=True)
        )


def as_row(one):
    line = one.line
    key = (line.offer_id, line.category, line.percent, one.counts_for)
    return Row(key, line.minutes, line.net, one.corrects is not None)


def minutes_of(segments, numbers):
    """Each minute with class and offer, whoever worked."""
    return Counter(
        (one.start + number * MINUTE, one.minute_class, numbers.get(one.offer_id))
        for one in segments
        for number in range(one.minutes)
    )


def in_minutes(locked):
    """Locked minutes by offer, however they were joined."""
    return Counter(
        (offer, start + number * MINUTE)
        for offer, start, end in locked.elements()
        for number in range((end - start) // MINUTE)
    )


#: What can happen, the likelier the more often it stands here; afterwards what may change what was billed.
EVENTS = "extend extend turn_down send_another_notice stop stop assess_free object_or_review object_or_review finish"
MONEY = "remember start_or_stop_timer start_or_stop_timer correct grant issue issue freeze"
AFTERWARDS = "extend stop assess_free find_defect grant send_another_notice issue remember"


def live(life, story):
    """Some steps, a batch, something afterwards, and a batch again; `story` is what was done."""
    steps = life.dice.choices(f"{EVENTS} {MONEY}".split(), k=STEPS)
    for step in [*steps, "freeze", life.dice.choice(AFTERWARDS.split()), "freeze"]:
        story.append(step)
        life.wait()
        getattr(life, step)()
        life.look()


@pytest.mark.parametrize("part", range(PARTS))
def test_database_and_memory_tell_the_same_life(part, cast, make_ticket):
    tally, emil = Counter(), make_staff("Emil")
    for number in range(part, HISTORIES, PARTS):
        story = []
        with transaction.atomic():
            try:
                live(DatabaseLife(cast, make_ticket, emil, Random(number), tally), story)
            except BaseException as error:
                error.add_note(f"life {number}: {', '.join(story)}")
                raise
            transaction.set_rollback(True)
    if HISTORIES >= ENOUGH:
        assert not NEEDED - {what for what, often in tally.items() if often}
