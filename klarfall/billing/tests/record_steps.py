"""The acceptance scenarios up to the point at which their service record is issued, with figures as they must be."""

from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO

import pypdf

from klarfall.accounts.models import User
from klarfall.billing.actions import assessments, decisions, service_records
from klarfall.billing.actions.time import stop_timer
from klarfall.billing.models import ServiceRecord
from klarfall.billing.tests.steps import (
    EVIDENCE,
    accept,
    clock,
    publish,
    send,
    send_more,
    split_off,
    terms,
    timer,
    verdict,
    work,
)
from klarfall.core.isolation import SYSTEM, viewing_as
from tests.cast import berlin, concern_of


@dataclass
class Told:
    """A scenario that was played: its ticket, the instant after it, and the figures it must give."""

    ticket: object
    now: object
    net: str
    vat: str
    gross: str
    minutes: tuple = ()  # worked, exact, billed, triage
    offers: list = field(default_factory=list)


def s1(cast, make_ticket):
    ticket = make_ticket(now=clock("07:50"))
    concern = concern_of(ticket)
    work(cast, concern, "08:20", "08:31", purpose="triage")
    offer = send(cast, concern, at=clock("08:40"))
    accept(offer, cast.astrid, at=clock("09:00"))
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end, activity="Verteilerschlüssel angelegt")
    return Told(ticket, clock("12:00"), "165.00", "31.35", "196.35", (67, 67, 75, 11), [offer])


def s2(cast, make_ticket):
    day = "2026-12-01"
    ticket = make_ticket(now=clock("08:00", day))
    concern = concern_of(ticket)
    first = send(cast, concern, "CHG-INFRA-OS", at=clock("08:10", day), low=90, high=120, cap_minutes=120)
    accept(first, cast.bernd, at=clock("08:30", day))
    work(cast, concern, "09:00", "10:35", day=day)
    work(cast, concern, "11:00", "11:40", day=day)
    second = send_more(cast, concern, at=clock("12:00", day), low=30, high=45, cap_minutes=60)
    accept(second, cast.bernd, at=clock("13:00", day))
    work(cast, concern, "13:10", "13:32", day=day)
    return Told(ticket, clock("14:00", day), "330.00", "62.70", "392.70", (157, 142, 150, 0), [first, second])


def s3(cast, make_ticket):
    ticket = make_ticket(now=clock("12:00"))
    cause = concern_of(ticket)
    (cleaning,) = split_off(cast, ticket, "Doppelte Buchungen bereinigen", at=clock("12:10"))
    publish(cast, cause, "COV-INVESTIGATE", cause="unknown", at=clock("12:30"))
    work(cast, cause, "13:00", "13:50")
    offer = send(cast, cleaning, "CHG-DATA-POST", at=clock("14:00"), given=terms(60, 85, cap_net=Decimal("190.00")))
    running = timer(cast, cleaning, clock("14:05"))
    accept(offer, cast.bernd, at=clock("14:20:00"))
    stop_timer(running, actor=cast.anna, now=clock("15:40"))
    return Told(ticket, clock("16:00"), "190.00", "36.10", "226.10", (145, 80, 90, 0), [offer])


def s7(cast, make_ticket):
    ticket = make_ticket(now=clock("09:00"))
    key = concern_of(ticket)
    work(cast, key, "09:05", "09:19", purpose="triage")
    onsite, legal = split_off(cast, ticket, "Jemand soll kommen", "Dürfen wir so umlegen?", at=clock("09:20"))
    offer = send(cast, key, at=clock("09:30"), low=30, high=40, cap_minutes=45)
    wish = {"wish": "Termin vor Ort", "place": "Mainz"}
    assessments.refer(onsite, verdict=verdict(cast, "NOT-ONSITE"), **wish, actor=cast.anna, now=clock("09:35"))
    publish(cast, legal, "NOT-LEGAL", at=clock("09:40"))
    decisions.choose_other_form(
        offer,
        alternative="training",
        with_article=True,
        wish="Bitte eine Schulung zum Verteilerschlüssel",
        evidence=EVIDENCE,
        actor=cast.bernd.user,
        now=clock("10:00"),
    )
    return Told(ticket, clock("10:30"), "0.00", "0.00", "0.00", (0, 0, 0, 14))


def s16(cast, make_ticket):
    day = "2026-11-25"
    ticket = make_ticket(now=berlin(f"{day} 08:00"))
    given = terms(60, 90, cap_net=Decimal("222.00"))
    offer = send(cast, concern_of(ticket), "CHG-INST-SERVER", at=clock("08:10", day), given=given)
    accept(offer, cast.bernd, at=clock("08:30", day))
    work(cast, concern_of(ticket), "09:00", "10:35", day=day)
    return Told(ticket, clock("11:00", day), "222.00", "42.18", "264.18", (95, 90, 90, 0), [offer])


SCENARIOS = {"S1": s1, "S2": s2, "S3": s3, "S7": s7, "S16": s16}


def issue(told, actor):
    """Issue the record and make its PDF, as the job does."""
    issued = service_records.issue_record(told.ticket, actor=actor, now=told.now)
    return make_pdf(issued, told.now)


def make_pdf(issued, now):
    with viewing_as(SYSTEM):
        system = User.objects.system()
        return service_records.make_pdf(ServiceRecord.objects.get(pk=issued.pk), actor=system, now=now)


def text_of(pdf: bytes) -> str:
    """All words of a PDF, blanks of every kind as ordinary ones."""
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]
    return " ".join("\n".join(pages).split())
