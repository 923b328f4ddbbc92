"""Personal links and codes: who proves to be the person, and what does not (R24, INV-6)."""

import pytest

from klarfall.accounts.models import User
from klarfall.billing.actions import decisions, links, offers
from klarfall.billing.actions.decisions import DecisionRefused
from klarfall.billing.actions.links import CodeRefused, LinkRefused
from klarfall.billing.engine import Caps
from klarfall.billing.models import CustomerDecision, DecisionAttempt, DecisionCode, PersonalLink
from klarfall.billing.tests.steps import EVIDENCE, accept, clock, refresh, send
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of, make_contact

WRONG = "000000"


@pytest.fixture
def worker(cast):
    with viewing_as(SYSTEM):
        return User.objects.system()


@pytest.fixture
def offer(cast, make_ticket):
    return send(cast, concern_of(make_ticket()), lower_caps=[Caps(minutes=60)])


@pytest.fixture
def token(offer, cast, worker):
    return links.make_link(offer, contact=cast.bernd, actor=worker, now=clock("09:01"))


def code_for(link, worker, at):
    """The code as the mail of the person carries it, never an easy one."""
    code = links.issue_link_code(link, actor=worker, now=at)
    return code if code != WRONG else code_for(link, worker, at)


def by_link(offer, contact, proof, *, at, **fields):
    return accept(offer, contact, at=at, channel="personal_link", proof=proof, **fields)


def test_link_and_code_of_the_same_person_accept(cast, offer, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    proof = links.check_link_code(link, code_for(link, worker, clock("09:06")), now=clock("09:07"))
    decision = by_link(offer, cast.bernd, proof, at=clock("09:10"))
    assert (decision.channel, decision.code_id) == ("personal_link", proof.pk)
    with pytest.raises(LinkRefused) as used:
        links.open_link(token, now=clock("09:11"))
    assert used.value.code == "used"


def test_only_hashes_are_stored_and_opening_consumes_nothing(cast, token, worker, system):
    link = PersonalLink.objects.get()
    assert token not in str(PersonalLink.objects.values().get())
    code = code_for(link, worker, clock("09:06"))
    assert code not in str(DecisionCode.objects.values("code_hash", "salt", "attempts").get())
    for _again in range(3):
        assert links.open_link(token, now=clock("09:05")).used_at is None
    assert len(token) >= 43  # 256 bits


@pytest.mark.parametrize("wrong", ["", "x", "a" * 43, "ü" * 43, "a" * 1000, "\ud800", None])
def test_an_unknown_token_is_no_link(wrong, token):
    assert links.open_link(wrong, now=clock("09:05")) is None


def test_a_link_ends_with_its_offer(cast, token, offer):
    assert links.open_link(token, now=clock("23:59:59", "2026-12-08")) is not None
    with pytest.raises(LinkRefused) as over:
        links.open_link(token, now=clock("00:00", "2026-12-09"))
    assert over.value.code == "expired"


@pytest.mark.parametrize("who", ["contact", "user"])
def test_a_link_of_somebody_who_left_does_not_work(who, cast, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    with viewing_as(SYSTEM):
        row = cast.bernd if who == "contact" else cast.bernd.user
        type(row).objects.filter(pk=row.pk).update(is_active=False)
    with pytest.raises(LinkRefused):
        links.open_link(token, now=clock("09:06"))
    with pytest.raises(LinkRefused):
        links.issue_link_code(link, actor=worker, now=clock("09:06"))
    with pytest.raises(LinkRefused):
        links.send_link_code(link, now=clock("09:06"))


def test_a_link_alone_decides_nothing(cast, offer, token):
    with pytest.raises(DecisionRefused) as refusal:
        by_link(offer, cast.bernd, None, at=clock("09:10"))
    assert refusal.value.code == "no_proof"


def test_a_code_counts_for_its_person_its_offer_and_an_hour(cast, offer, token, worker, make_ticket):
    link = links.open_link(token, now=clock("09:05"))
    proof = links.check_link_code(link, code_for(link, worker, clock("09:06")), now=clock("09:07"))
    elsewhere = send(cast, concern_of(make_ticket(title="Anderes", description="Anderes.")))
    for wrong_offer, person, at in (
        (offer, cast.astrid, "09:08"),
        (elsewhere, cast.bernd, "09:08"),
        (offer, cast.bernd, "10:07"),
    ):
        with pytest.raises(DecisionRefused) as refusal:
            by_link(wrong_offer, person, proof, at=clock(at))
        assert refusal.value.code == "no_proof"


def test_five_wrong_codes_end_a_code(cast, offer, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    code = code_for(link, worker, clock("09:06"))
    for _attempt in range(5):
        with pytest.raises(CodeRefused) as refusal:
            links.check_link_code(link, WRONG, now=clock("09:07"))
        assert refusal.value.code == "wrong_code"
    with pytest.raises(CodeRefused) as refusal:
        links.check_link_code(link, code, now=clock("09:08"))
    assert refusal.value.code == "code_over"
    assert links.check_link_code(link, code_for(link, worker, clock("09:09")), now=clock("09:10"))


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1" * 5000, None, 123456, "\ud800"])
def test_nonsense_is_a_wrong_code(typed, cast, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    code_for(link, worker, clock("09:06"))
    with pytest.raises(CodeRefused):
        links.check_link_code(link, typed, now=clock("09:07"))


def test_a_code_counts_15_minutes_once_and_only_the_latest(cast, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    first = code_for(link, worker, clock("09:06"))
    with pytest.raises(CodeRefused):
        links.check_link_code(link, first, now=clock("09:21"))
    second = code_for(link, worker, clock("09:22"))
    while second == first:
        second = code_for(link, worker, clock("09:22"))
    with pytest.raises(CodeRefused):
        links.check_link_code(link, first, now=clock("09:23"))
    assert links.check_link_code(link, f" {second[:3]} {second[3:]} ", now=clock("09:23"))
    with pytest.raises(CodeRefused):
        links.check_link_code(link, second, now=clock("09:24"))


def test_codes_are_asked_for_five_times_an_hour(cast, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    for minute in range(10, 15):
        code_for(link, worker, clock(f"09:{minute}"))
    with pytest.raises(CodeRefused) as refusal:
        links.send_link_code(link, now=clock("09:20"))
    assert refusal.value.code == "too_many"
    links.send_link_code(link, now=clock("10:20"))


def test_staff_makes_no_link_and_no_code(cast, offer, token):
    """INV-6: not even by calling the steps of the worker; the database says so."""
    link = links.open_link(token, now=clock("09:05"))
    for attempt in (
        lambda: links.make_link(offer, contact=cast.bernd, actor=cast.anna, now=clock("09:06")),
        lambda: links.issue_link_code(link, actor=cast.anna, now=clock("09:06")),
    ):
        with pytest.raises(Exception, match="nobody makes the proof of somebody else"):
            attempt()
    with pytest.raises(NotAllowed):
        links.issue_phone_code(offer, actor=cast.anna, now=clock("09:06"))


def phone(offer, contact, code, cast, *, at, cap=None):
    return links.accept_by_phone(offer, contact=contact, code=code, cap=cap, evidence=EVIDENCE, actor=cast.anna, now=at)


def test_a_code_read_on_the_phone_accepts(cast, offer):
    code = links.issue_phone_code(offer, actor=cast.bernd.user, now=clock("09:10"))
    decision = phone(offer, cast.bernd, code, cast, at=clock("09:12"), cap=Caps(minutes=60))
    with viewing_as(SYSTEM):
        kept = CustomerDecision.objects.select_related("code").get(pk=decision.pk)
        assert (kept.channel, kept.contact_id, kept.code.used_at) == ("phone_code", cast.bernd.pk, clock("09:12"))
    assert (refresh(offer).status, kept.chosen) == ("accepted", Caps(minutes=60))


def test_on_the_phone_nothing_counts_without_the_code_of_that_person(cast, offer):
    """A "yes" on the phone alone is no acceptance; wrong codes are kept and counted."""
    code = links.issue_phone_code(offer, actor=cast.bernd.user, now=clock("09:10"))
    for contact, typed, reason in (
        (cast.bernd, WRONG if code != WRONG else "111111", "wrong_code"),
        (cast.bernd, "", "wrong_code"),
        (cast.astrid, code, "code_over"),
    ):
        with pytest.raises(DecisionRefused) as refusal:
            phone(offer, contact, typed, cast, at=clock("09:12"))
        assert refusal.value.code == reason
    with viewing_as(SYSTEM):
        assert list(DecisionAttempt.objects.order_by("pk").values_list("reason", flat=True)) == [
            "wrong_code",
            "wrong_code",
            "code_over",
        ]
        assert DecisionCode.objects.get().attempts == 2
        assert refresh(offer).status == "sent"


def test_a_refused_phone_decision_leaves_the_code(cast, offer):
    code = links.issue_phone_code(offer, actor=cast.bernd.user, now=clock("09:10"))
    with pytest.raises(DecisionRefused):
        phone(offer, cast.bernd, code, cast, at=clock("09:12"), cap=Caps(minutes=17))
    phone(offer, cast.bernd, code, cast, at=clock("09:13"))
    with pytest.raises(DecisionRefused):
        phone(offer, cast.bernd, code, cast, at=clock("09:14"))


def test_codes_for_the_phone_are_for_people_who_may_accept(cast, offer):
    for actor in (cast.clara.user, make_contact("Vera", cast.acme, "billing_viewer", visibility="all").user):
        with pytest.raises(NotAllowed):
            links.issue_phone_code(offer, actor=actor, now=clock("09:10"))
    offers.withdraw_offer(offer, actor=cast.anna, now=clock("09:11"))
    with pytest.raises(DecisionRefused):
        links.issue_phone_code(offer, actor=cast.bernd.user, now=clock("09:12"))


def test_agents_have_codes_mailed_only_to_people_who_may_accept_and_not_for_ever(cast, offer, worker):
    at = clock("09:10")
    viewer = make_contact("Vera", cast.acme, "billing_viewer", visibility="all")
    for contact, actor in ((cast.clara, cast.anna), (viewer, cast.anna), (cast.bernd, cast.bernd.user)):
        with pytest.raises(NotAllowed):
            links.send_phone_code(offer, contact=contact, actor=actor, now=at)
    with pytest.raises(Exception, match="nobody makes the proof of somebody else"):
        links.issue_mailed_phone_code(offer, contact=cast.bernd, actor=cast.anna, now=at)
    for _shown in range(4):
        links.issue_phone_code(offer, actor=cast.bernd.user, now=at)
    links.issue_mailed_phone_code(offer, contact=cast.bernd, actor=worker, now=at)
    with pytest.raises(CodeRefused) as refusal:
        links.send_phone_code(offer, contact=cast.bernd, actor=cast.anna, now=at)
    assert refusal.value.code == "too_many"
    links.send_phone_code(offer, contact=cast.astrid, actor=cast.anna, now=at)


def test_declining_by_link_uses_it_up(cast, offer, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    proof = links.check_link_code(link, code_for(link, worker, clock("09:06")), now=clock("09:07"))
    decisions.decline(offer, channel="personal_link", proof=proof, actor=cast.bernd.user, now=clock("09:08"))
    with viewing_as(SYSTEM):
        assert PersonalLink.objects.get().used_at == clock("09:08")


def test_new_codes_give_no_new_chances_to_guess(cast, offer, token, worker):
    link = links.open_link(token, now=clock("09:05"))
    for hour in range(10, 14):
        code_for(link, worker, clock(f"{hour}:00"))
        for _attempt in range(5):
            with pytest.raises(CodeRefused):
                links.check_link_code(link, WRONG, now=clock(f"{hour}:01"))
    with pytest.raises(CodeRefused) as refusal:
        links.send_link_code(link, now=clock("15:30"))
    assert refusal.value.code == "too_many"
    links.send_link_code(link, now=clock("14:30", "2026-11-25"))
