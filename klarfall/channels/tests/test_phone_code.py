"""The code for a decision on the phone: mailed to the person who decides, kept nowhere, and only while it is needed."""

import re

import pytest
from django.utils import timezone

from klarfall.billing.actions import links
from klarfall.billing.models import DecisionCode
from klarfall.billing.tests.steps import decline, send
from klarfall.channels.models import Notice
from klarfall.channels.tests.test_notices import NOW, tell
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import concern_of


@pytest.fixture
def offer(make_ticket, cast):
    sent = send(cast, concern_of(make_ticket(title="Saldo Liegenschaft 12", now=NOW)), at=NOW)
    tell()
    return sent


def test_a_code_for_the_phone_goes_to_the_person_who_decides(offer, cast):
    tell()
    links.send_phone_code(offer, contact=cast.bernd, actor=cast.anna, now=NOW)
    told = tell()
    assert set(told) == {"bernd@acme.example"}
    (code,) = re.findall(r"\b\d{6}\b", told["bernd@acme.example"].body)
    assert "Lesen Sie ihn" in told["bernd@acme.example"].body
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(kind="phone_code")
    assert code not in notice.text + notice.html + notice.subject
    soon = timezone.now()
    common = {"cap": None, "actor": cast.anna, "now": soon}
    with pytest.raises(links.CodeRefused):
        links.accept_by_phone(offer, contact=cast.astrid, code=code, **common)
    decision = links.accept_by_phone(offer, contact=cast.bernd, code=code, **common)
    assert (decision.contact_id, decision.channel) == (cast.bernd.pk, "phone_code")


def test_no_code_is_mailed_once_the_offer_is_decided(offer, cast):
    tell()
    links.send_phone_code(offer, contact=cast.bernd, actor=cast.anna, now=NOW)
    decline(offer, cast.bernd, at=NOW)
    assert not [one for one in tell().values() if re.search(r"\b\d{6}\b", one.body)]
    with viewing_as(SYSTEM):
        assert Notice.objects.get(kind="phone_code").status == "failed"
        assert not DecisionCode.objects.filter(purpose="phone").exists()
