"""Random lives of concerns over the pure engine: after every step it agrees with the slow one and keeps its promises.

`HISTORIES` (environment) says how many lives are lived, all parts together. Seeds are fixed; Hypothesis also draws
from the constants of loaded modules, so another version of the code lives other lives.
"""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from klarfall.billing.engine import Caps, Outcome, Purpose, VatPeriod
from klarfall.billing.tests.lives import BERLIN, MINUTE, Card, Life
from klarfall.billing.tests.promises import Witness, sums

PARTS = 4
HISTORIES = int(os.environ.get("HISTORIES", "800"))
STEPS = 7


def periods(*begins: tuple[str, str]) -> tuple[VatPeriod, ...]:
    """Standard rates from local midnights on."""
    days = [(datetime.fromisoformat(day).replace(tzinfo=BERLIN).astimezone(UTC), percent) for day, percent in begins]
    return tuple(VatPeriod(begin, "S", Decimal(percent)) for begin, percent in days)


NINETEEN = periods(("2007-01-01", "19.00"))
LOWERED = periods(("2007-01-01", "19.00"), ("2026-07-01", "16.00"))
FOR_A_DAY = periods(("2007-01-01", "19.00"), ("2026-07-01", "16.00"), ("2026-07-02", "19.00"))
ABROAD = (VatPeriod(datetime(1970, 1, 1, tzinfo=UTC), "AE", Decimal("0.00")),)

#: When a life begins and which rates hold: an ordinary day, midnights at which VAT changes, nights of summer time.
SETTINGS = [
    (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), NINETEEN),
    (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), ABROAD),
    (datetime(2026, 6, 30, 21, 20, tzinfo=UTC), LOWERED),
    (datetime(2026, 6, 30, 21, 20, tzinfo=UTC), FOR_A_DAY),
    (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), NINETEEN),  # 02:00 is 03:00
    (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), NINETEEN),  # 03:00 is 02:00 again
]

rates = st.sampled_from(["132.00", "148.00", "99.99", "0.30", "0.90"]).map(Decimal)
cards = st.builds(Card, rates, st.sampled_from([1, 5, 6, 10, 15]), st.sampled_from([0, 1, 15, 20]))
pauses = st.sampled_from([timedelta(seconds=seconds) for seconds in (0, 0, 0, 30, 60, 420, 930)])
lengths = st.integers(1, 40).map(lambda halves: halves * timedelta(seconds=30))
#: What two people work, and how long nothing happens then, before somebody does something.
meanwhiles = st.tuples(st.none() | lengths, st.none() | lengths, pauses)
agos = st.sampled_from([timedelta(minutes=9), timedelta(minutes=31), timedelta(hours=1), timedelta(hours=23)])
minute_caps = st.integers(1, 60)
#: Net caps of so many minutes and some cents, so that they matter at every rate.
net_caps = st.tuples(st.integers(1, 60), st.integers(0, 250))
flags = st.booleans()


class Lives(RuleBasedStateMachine):
    """One concern at a time; new terms matter for the next one. Every rule first lets people work for a while."""

    is_sound = False

    @initialize(card=cards, setting=st.sampled_from(SETTINGS), minutes=minute_caps, net=st.none() | net_caps)
    def submit(self, card, setting, minutes, net):
        begin, vat = setting
        self.begin(Life(card, vat, begin))
        self.go_on(Caps(minutes, self.net_cap(net)))
        self.then()

    def begin(self, life):
        self.card = life.card
        self.life = life
        self.witness = Witness(life)
        life.assess(Outcome.CHARGEABLE, "CHG-CONF")

    def teardown(self):
        """Every life ends with a batch, and with a defect that credits all of it to the cent (INV-13)."""
        if not self.is_sound:
            return
        self.witness.recompute()
        self.freeze((None, None, MINUTE), 0)
        assert self.life.due() == ()
        self.life.assess(Outcome.COVERED, "COV-DEFECT")
        self.life.freeze(self.life.now)
        self.then()
        assert sums([(one.key, one.minutes, one.net) for one in self.life.frozen]) == {}

    def wait(self, meanwhile):
        one, other, pause = meanwhile
        self.life.now += max(one or timedelta(0), other or timedelta(0))
        for agent, length in enumerate((one, other)):
            if length is not None:
                self.life.work(agent, length)
        self.life.now += pause

    def then(self):
        """After every step."""
        self.is_sound = False
        self.witness.look()
        self.is_sound = True

    def net_cap(self, minutes_and_cents):
        if minutes_and_cents is None:
            return None
        minutes, cents = minutes_and_cents
        return (minutes * self.life.card.rate / 60).quantize(Decimal("0.01")) + Decimal(cents).scaleb(-2)

    def go_on(self, caps):
        """Whatever was before, work goes on: a new offer, accepted in full."""
        if self.life.is_done:
            self.life.reopen()
        if self.life.outcome is not Outcome.CHARGEABLE:
            self.life.assess(Outcome.CHARGEABLE, "CHG-CONF")
        self.life.send(caps, as_extension=True)
        self.life.accept(max(self.life.sent), None)

    # -- assessing -------------------------------------------------------------------------------------------------

    @rule(meanwhile=meanwhiles, item=st.sampled_from(["CHG-CONF", "CHG-OTHER"]))
    def assess_chargeable(self, meanwhile, item):
        self.wait(meanwhile)
        self.life.assess(Outcome.CHARGEABLE, item)
        self.then()

    @rule(meanwhile=meanwhiles, outcome=st.sampled_from([Outcome.COVERED, Outcome.NOT_OFFERED]), again=flags)
    def assess_free(self, meanwhile, outcome, again):
        """A defect is found; often there is something else to pay for afterwards."""
        self.wait(meanwhile)
        self.life.assess(outcome, "COV-DEFECT")
        self.then()
        if again:
            self.go_on(Caps(45))

    @rule(meanwhile=meanwhiles)
    def object_or_review(self, meanwhile):
        self.wait(meanwhile)
        if self.life.is_held:
            self.life.review()
        else:
            self.life.object()
        self.then()

    # -- deciding --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.life.outcome is Outcome.CHARGEABLE and not self.life.is_done)
    @rule(minutes=st.none() | minute_caps, net=st.none() | net_caps, as_extension=flags)
    def send(self, minutes, net, as_extension):
        if minutes is None and net is None:
            minutes = 30
        self.life.send(Caps(minutes, self.net_cap(net)), as_extension=as_extension)

    @precondition(lambda self: self.life.sent)
    @rule(meanwhile=meanwhiles, minutes=st.none() | minute_caps, net=st.none() | net_caps)
    def accept(self, meanwhile, minutes, net):
        """In full, or with a lower cap of either unit. Nothing that is over becomes billable by it."""
        self.wait(meanwhile)
        self.then()
        before = dict(self.witness.classed)
        chosen = None
        if minutes is not None or net is not None:
            chosen = Caps(minutes) if minutes is not None else Caps(None, self.net_cap(net))
        self.life.accept(min(self.life.sent), chosen)
        self.then()
        earlier = [key for key in before if key[1] < self.life.now]
        assert [self.witness.classed[key] for key in earlier] == [before[key] for key in earlier]

    @precondition(lambda self: self.life.sent)
    @rule(meanwhile=meanwhiles, how=st.sampled_from(["declined", "countered", "expired", "other_form", "clicked late"]))
    def decline(self, meanwhile, how):
        """None of them is an acceptance (INV-7)."""
        self.wait(meanwhile)
        self.life.sent.pop()
        self.then()

    @precondition(lambda self: self.life.running and self.life.outcome is Outcome.CHARGEABLE)
    @rule(meanwhile=meanwhiles, minutes=minute_caps, net=st.none() | net_caps)
    def extend(self, meanwhile, minutes, net):
        self.wait(meanwhile)
        self.go_on(Caps(minutes, self.net_cap(net)))
        self.then()

    @precondition(lambda self: self.life.running)
    @rule(meanwhile=meanwhiles, recorded=flags, again=flags)
    def stop(self, meanwhile, recorded, again):
        """Stopped offers are billed exactly; what is accepted afterwards rounds its own."""
        self.wait(meanwhile)
        self.life.stop(is_recorded_with_offers=recorded)
        self.then()
        if again:
            self.wait((None, None, MINUTE))
            self.go_on(Caps(45))

    @rule(meanwhile=meanwhiles)
    def finish_or_go_on(self, meanwhile):
        self.wait(meanwhile)
        if self.life.is_done:
            self.go_on(Caps(20))
        else:
            self.life.finish()
        self.then()

    # -- time ------------------------------------------------------------------------------------------------------

    @rule(agent=st.integers(0, 2), length=lengths, ago=agos, purpose=st.sampled_from(Purpose))
    def remember(self, agent, length, ago, purpose):
        """Time entered late, by one of two people or by a third."""
        self.life.work(agent, length, ago, purpose)
        self.then()

    @rule(meanwhile=meanwhiles)
    def start_or_stop_timer(self, meanwhile):
        self.wait(meanwhile)
        if self.life.timer(3):
            self.life.stop_timer(3)
        else:
            self.life.start_timer(3)
        self.then()

    @precondition(lambda self: self.life.changeable)
    @rule(which=st.integers(0, 9), length=lengths, delete=flags)
    def correct(self, which, length, delete):
        """Only what nothing has locked."""
        entries = self.life.changeable
        entry = entries[which % len(entries)]
        if delete:
            del self.life.entries[entry.id]
        else:
            self.life.shorten(entry, length)
        self.then()

    @rule(hours=st.sampled_from([1, 22]), caps=st.none() | minute_caps.map(Caps))
    def sleep(self, hours, caps):
        """A long pause, without a running timer; afterwards work goes on."""
        self.life.stop_timer(3)
        self.life.now += timedelta(hours=hours)
        if caps:
            self.go_on(caps)
        self.then()

    # -- money -----------------------------------------------------------------------------------------------------

    @rule(minutes=st.integers(0, 45), cents=st.sampled_from([0, 0, 1, 333, 5000, 99999]))
    def grant(self, minutes, cents):
        if minutes or cents:
            self.life.grant(minutes, Decimal(cents).scaleb(-2))
        self.then()

    @rule(meanwhile=meanwhiles, back=st.sampled_from([0, 0, 6, 60]))
    def freeze(self, meanwhile, back):
        """A batch up to now or to a little earlier; the same period again adds nothing (INV-19)."""
        self.wait(meanwhile)
        until = (self.life.now - back * MINUTE).replace(second=0)
        until = max(until, self.life.frozen_until or until)
        self.life.freeze(until)
        locks = list(self.life.locked)
        assert self.life.freeze(until) == ()
        assert self.life.locked == locks
        self.then()

    @rule(meanwhile=meanwhiles)
    def issue(self, meanwhile):
        self.wait(meanwhile)
        self.life.issue()
        self.then()

    # -- another one -----------------------------------------------------------------------------------------------

    @rule(card=cards, now=flags)
    def publish_terms(self, card, now):
        """New terms change nothing for what was submitted before (INV-12), only for the next request."""
        self.card = card
        self.then()
        if now:
            self.witness.recompute()
            self.begin(Life(card, self.life.vat, self.life.now))
            self.go_on(Caps(60))


@pytest.mark.parametrize("part", range(PARTS))
def test_engines_agree_and_promises_hold_through_random_lives(part):
    lives = seed(part)(type(f"Lives{part}", (Lives,), {}))
    run_state_machine_as_test(
        lives,
        settings=settings(
            max_examples=HISTORIES // PARTS,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
