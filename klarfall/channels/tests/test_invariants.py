"""The promises of domain.md, section 8, that mails keep: the whole offer and the whole decision (INV-2, INV-27)."""

from klarfall.billing.models import CustomerDecision
from klarfall.billing.tests.steps import EVIDENCE, accept, clock, send
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of, fresh
from tests.queue import run_jobs


def test_inv_2_an_offer_is_complete_and_its_text_stands_word_for_word_in_page_and_mail(cast, make_ticket):
    offer = fresh(send(cast, concern_of(make_ticket())))
    assert all((offer.cap_minutes, offer.rate, offer.increment, offer.valid_until, offer.text_hash))
    for part in ("132,00", "120", "15", "Einrichten und prüfen.", "45"):
        assert part in offer.canonical_text
    run_jobs("channels.fan_out", "channels.deliver")
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(kind="cost_notice", recipient=cast.bernd.user)
    squeezed = " ".join(offer.canonical_text.split())
    assert squeezed in " ".join(notice.text.split())


def test_inv_27_a_decision_keeps_its_evidence_and_is_confirmed_by_mail(cast, make_ticket):
    offer = fresh(send(cast, concern_of(make_ticket())))
    accept(offer, cast.bernd, at=clock("09:05"), evidence=EVIDENCE)
    run_jobs("channels.fan_out", "channels.deliver")
    with viewing_as(SYSTEM):
        row = CustomerDecision.objects.select_related("sealed", "contact").get()
        assert (row.text_hash, row.contact, row.channel, row.at) == (
            offer.text_hash, cast.bernd, "portal", clock("09:05"),
        )  # fmt: skip
        assert row.role_then == "requester"
        assert row.sealed.data["evidence"] == EVIDENCE
        mails = Notice.objects.filter(kind="decision_made", recipient=cast.bernd.user, status="sent")
        assert " ".join(offer.canonical_text.split()) in " ".join(mails.get().text.split())
