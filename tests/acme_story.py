"""
One long story of Acme: every kind of row that can belong to a customer, made by the actions that make it in life.

Whatever somebody typed in it contains MARK, so that a page or mail of anybody else that shows a word of it is found.
The sweeps walk all addresses with the objects of this story.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing.actions import (
    assessments,
    batches,
    decisions,
    goodwill,
    invoices,
    links,
    offers,
    resolution,
    service_records,
    set_up,
)
from klarfall.billing.actions import remote as held
from klarfall.billing.actions import time as times
from klarfall.billing.actions.assessments import Verdict
from klarfall.billing.actions.offers import OfferTerms
from klarfall.billing.actions.set_up import BuyerData, SellerData
from klarfall.billing.engine import Caps
from klarfall.billing.models import BillingBatch, CostOffer, TimeEntry
from klarfall.contracts.actions.terms import draft_terms
from klarfall.contracts.actions.training_offers import TrainingData, add_training
from klarfall.contracts.models import ContactChannel, InstalledVersion, TrainingRecord
from klarfall.contracts.remote_consent import hash_of as hash_of_words
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.customers.actions.invite import invite
from klarfall.customers.actions.register import complete_registration, confirm_code, start_registration
from klarfall.customers.models import Contact, Customer
from klarfall.customers.registrations import Application, hash_of, new_token
from klarfall.telephony.actions import callbacks
from klarfall.telephony.actions.calls import CallNote, record_call
from klarfall.telephony.actions.extensions import set_extension
from klarfall.tickets.actions import assign, cancel, draft, handover, rate, remote, reply, restore, review
from klarfall.tickets.actions import object as objections
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.anchors import anchor_heads
from klarfall.tickets.handing_over import new_pass
from klarfall.tickets.models import Concern, Ticket
from klarfall.transfer.models import HouseExport, ImportedContact, ImportRun
from tests.cast import Cast, berlin, concern_of, fresh, make_cast, make_contact, make_staff, upload
from tests.clock import Clock
from tests.database import TestServer
from tests.help_story import tell_of_help
from tests.mail_calls import tell_of_mails
from tests.queue import run_jobs

MARK = "acmegeheim"


def marked(word: str) -> str:
    """Words of Acme that nobody else may ever read."""
    return f"{MARK}-{word}"


@dataclass
class AcmeStory:
    """What happened at Acme, by name, and the time at which it goes on."""

    cast: Cast
    now: datetime
    gesa: Contact
    emil: Contact
    tickets: dict[str, Ticket] = field(default_factory=dict)
    offers: dict[str, CostOffer] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    mails: list[Any] = field(default_factory=list)

    def later(self, **span: float) -> datetime:
        """Let time pass and return it."""
        self.now += timedelta(**(span or {"minutes": 5}))
        return self.now

    def concern(self, ticket: str, position: int = 1) -> Concern:
        return concern_of(self.tickets[ticket], position)

    def verdict(self, code: str, **values: Any) -> Verdict:
        return Verdict(item=self.cast.item(code), reason=marked(f"grund {code}, ganz genau erklärt"), **values)

    def terms(self, name: str, **values: Any) -> OfferTerms:
        texts = {"scope": marked(f"umfang {name}"), "exclusions": marked(f"ausschluss {name}")}
        return OfferTerms(**{"estimate_min": 45, "estimate_max": 60, "cap_minutes": 120, **texts, **values})

    def notice(self, name: str, ticket: str, position: int, **terms: Any) -> CostOffer:
        """Assess as chargeable and send the cost notice; kept by name."""
        self.offers[name] = assessments.send_cost_notice(
            self.concern(ticket, position),
            verdict=self.verdict("CHG-CONF"),
            offer=self.terms(name, **terms),
            actor=self.cast.anna,
            now=self.later(),
        )
        return self.offers[name]

    def accept(self, name: str, by: Contact, cap: Caps | None = None) -> None:
        offer = self.offers[name]
        decisions.accept(
            offer,
            cap=cap,
            order_number=marked("best"),
            comment=marked("kommentar"),
            text_hash=offer.text_hash,
            evidence={"browser": marked("browser")},
            actor=by.user,
            now=self.later(),
        )

    def work(self, ticket: str, position: int, minutes: int, **values: Any) -> TimeEntry:
        """Minutes of Anna that end now."""
        end = self.later(minutes=minutes + 5)
        given = {"purpose": "work", "channel": "internal", "activity": marked("tätigkeit"), **values}
        start = end - timedelta(minutes=minutes)
        return times.record_time(
            self.concern(ticket, position), start=start, end=end, **given, actor=self.cast.anna, now=end
        )


def submitted(story: AcmeStory, name: str, contact: Contact | None = None, **values: Any) -> Ticket:
    """A request of Acme under a name of its own."""
    contact = contact or story.cast.bernd
    texts = {"title": marked(f"titel {name}"), "description": marked(f"beschreibung {name}"), "impact": "hindered"}
    given = {key: values.pop(key) for key in ("uploads", "files") if key in values}
    request = NewRequest(**{"product": story.cast.erp, **texts, **values})
    ticket = submit(contact, request=request, actor=contact.user, now=story.later(), **given)
    story.tickets[name] = fresh(ticket)
    return ticket


def tell(cast: Cast, now: datetime) -> AcmeStory:
    """Let everything happen, up to `now`; `clock` time of pages afterwards is `story.now`."""
    gesa = make_contact("Gesa", cast.acme, "requester", "customer_admin")
    story = AcmeStory(cast, now - timedelta(days=23), gesa, make_contact("Emil", cast.acme, visibility="all"))
    _house(cast)
    _files_of_the_customer(story)
    _closed(story)
    _billed(story)
    story.now = now - timedelta(days=1)
    for chapter in (_conversation, _offers, _commissioned, _second_reviews, _ended, _small_things):
        chapter(story)
    _recorded(story)
    for mistake in (_attempt, _links):
        mistake(story)
    tell_of_mails(story, marked)
    tell_of_help(story, marked)
    story.things["preview"] = _opened_run(story)
    with viewing_as(SYSTEM):
        story.things["anchor"] = anchor_heads(story.later())
    return story


def _files_of_the_customer(story: AcmeStory) -> None:
    cast, common = story.cast, {"customer": story.cast.acme, "product": story.cast.erp}
    with viewing_as(SYSTEM):
        version = cast.erp.versions.get()
        InstalledVersion.objects.create(version=version, since=date(2026, 2, 1), **common)
        TrainingRecord.objects.create(contact=cast.bernd, topic=marked("schulung"), on=date(2025, 5, 5), **common)
        story.things["version"] = version
        story.things["import"] = ImportRun.objects.create(
            kind="contacts",
            stage="done",
            file_name="Ansprechpersonen.csv",
            started_by=cast.anna,
            created_at=story.now,
            finished_at=story.now,
            rows=1,
            added=1,
        )
        story.things["export"] = HouseExport.objects.create(started_by=cast.anna, created_at=story.now)
        ImportedContact.objects.create(customer=cast.acme, run=story.things["import"], contact=cast.bernd)


def _closed(story: AcmeStory) -> None:
    submitted(story, "closed")
    _answer(story, "closed")
    with viewing_as(SYSTEM):
        resolution.close_due(story.now + timedelta(days=15))


def _billed(story: AcmeStory) -> None:
    """A commission of some weeks ago in an exported run; `_opened_run` previews what came later."""
    story.things["biller"] = make_staff("Berta", "billing")
    story.things["admin"] = make_staff("Adelheid", "administrator", "lead")
    submitted(story, "billed")
    story.notice("billed", "billed", 1)
    story.accept("billed", story.cast.bernd)
    story.work("billed", 1, 22)
    words = {"solution": marked("erledigt"), "resolution_kind": "use_clarified"}
    resolution.resolve(story.tickets["billed"], **words, actor=story.cast.anna, now=story.later())
    story.later(days=1)
    _set_up(story)
    run, common = _opened_run(story), {"actor": story.things["biller"], "now": story.now}
    batches.freeze_batch(run, **common)
    run_jobs(batches.FREEZE)
    (invoice,) = invoices.write_invoices(run, **common)
    story.things["invoice"] = invoices.render_invoice(invoice, **common)
    batches.export_batch(fresh(run), **common)
    run_jobs(batches.EXPORT)
    story.things["run"] = fresh(run)


def _set_up(story: AcmeStory) -> None:
    """The vendor writes invoices, and Acme has everything that one says."""
    common = {"actor": story.things["biller"], "now": story.now}
    place = {"street": "Weg 1", "postal_code": "55116", "city": "Mainz", "country": "DE"}
    account = {"vat_id": "DE123456788", "tax_number": "", "iban": "DE02120300000000202051", "bic": ""}
    person = {"billing_contact": "Berta", "billing_phone": "+49 6131 1", "billing_email": "rechnung@vendor.example"}
    terms = {"writes_invoices": True, "legal_name": "Kontor GmbH", "invoice_prefix": "RE-", "payment_days": 14}
    terms["goodwill_limit"] = Decimal("100.00")
    set_up.change_seller(SellerData(**terms, **place, **account, **person), **common)
    buyer = {"name": "Acme", "vat_id": "", "billing_email": "rechnung@acme.example"}
    data = BuyerData(**buyer, **place, buyer_reference=marked("leitweg"))
    set_up.change_buyer(story.cast.acme, data=data, **common)
    story.things["terms_draft"] = draft_terms(actor=story.cast.dora, now=story.now)


def _opened_run(story: AcmeStory) -> BillingBatch:
    """A run up to the day before, with its preview."""
    day = timezone.localdate(story.now) - timedelta(days=1)
    run = batches.open_batch(starts_on=day, ends_on=day, actor=story.things["biller"], now=story.later())
    run_jobs(batches.COMPUTE)
    found: BillingBatch = fresh(run)
    return found


def _answer(story: AcmeStory, ticket: str) -> None:
    assessments.answer_covered(
        story.tickets[ticket],
        verdict=story.verdict("COV-QUESTION", by_call=True, call_note=marked("anruf")),
        answer=marked(f"antwort {ticket}"),
        resolution_kind="use_clarified",
        files=[upload(f"{MARK}-antwort.txt")],
        actor=story.cast.anna,
        now=story.later(),
    )


def _conversation(story: AcmeStory) -> None:
    """A request with every kind of word that can be written about it, split into ten concerns."""
    cast, anna = story.cast, story.cast.anna
    waiting = draft.add_upload(cast.bernd, file=upload(f"{MARK}-hochgeladen.txt"), actor=cast.bernd.user, now=story.now)
    area = cast.erp.areas.get()
    details = {"tried": marked("versucht"), "area": area, "partner_product": cast.partner}
    ticket = submitted(story, "main", uploads=[waiting], version=story.things["version"], **details)
    review.ask_coverage(ticket, actor=cast.bernd.user, now=story.later())
    review.begin_review(ticket, actor=anna, now=story.later())
    assign.assign(ticket, to=anna, actor=anna, now=story.later())
    note = reply.write_note(
        ticket, text=marked("notiz"), files=[upload(f"{MARK}-intern.txt")], actor=anna, now=story.later()
    )
    files = [upload(f"{MARK}-anlage.txt")]
    reply.reply(ticket, text=marked("frage"), waits_for_customer=True, actor=anna, now=story.later())
    message = reply.reply(ticket, text=marked("kundenantwort"), files=files, actor=cast.bernd.user, now=story.later())
    review.split(ticket, titles=[marked(f"anliegen {n}") for n in range(2, 11)], actor=anna, now=story.later())
    review.rename_concern(story.concern("main", 10), title=marked("umbenannt"), actor=anna, now=story.later())
    restore.restore(ticket, at=story.now, workaround=marked("umgehung"), actor=anna, now=story.later())
    with viewing_as(SYSTEM):
        story.things |= {"attachment": message.attachments.get(), "internal_attachment": note.attachments.get()}


def _offers(story: AcmeStory) -> None:
    """Offers in every state that needs no work, one concern each (2 to 7)."""
    bernd, anna = story.cast.bernd.user, story.cast.anna
    for name, position in (("declined", 2), ("countered", 3), ("other", 4), ("expired", 5), ("withdrawn", 6)):
        valid = {"valid_until": story.now.date()} if name == "expired" else {}
        story.notice(name, "main", position, **valid)
    common = {"actor": bernd, "now": story.later()}
    decisions.decline(story.offers["declined"], comment=marked("ablehnung"), **common)
    decisions.counter(story.offers["countered"], text=marked("vorschlag"), cap_net=Decimal("77.77"), **common)
    decisions.choose_other_form(story.offers["other"], alternative="training", wish=marked("wunsch"), **common)
    offers.withdraw_offer(story.offers["withdrawn"], actor=anna, now=story.later())
    story.later(days=1)
    with viewing_as(SYSTEM):
        assert offers.expire_offers(story.now) == 1
    story.notice("sent", "main", 9)
    admin = story.gesa
    decisions.pass_on(
        story.offers["sent"], to=story.cast.astrid, comment=marked("weitergabe"), actor=admin.user, now=story.later()
    )


def _commissioned(story: AcmeStory) -> None:
    """Work with and without acceptance, used up, stopped, extended, with a running timer and a remote session."""
    cast, anna = story.cast, story.cast.anna
    story.work("main", 1, 11, purpose="triage")
    story.notice("accepted", "main", 1, lower_caps=[Caps(minutes=60)])
    story.accept("accepted", cast.bernd, Caps(minutes=60))
    session = remote.record_consent(
        story.tickets["main"],
        contact=cast.bernd,
        purpose=marked("fernwartung"),
        way="phone",
        at=story.now,
        actor=anna,
        now=story.later(),
    )
    story.things["entry"] = story.work("main", 1, 20, channel="remote", remote_session=session)
    story.things["session_agreed"] = session
    story.offers["extension"] = offers.send_offer(
        story.concern("main", 1), terms=story.terms("extension", cap_minutes=60), actor=anna, now=story.later()
    )
    story.notice("stopped", "main", 7)
    story.accept("stopped", cast.bernd)
    decisions.stop(story.concern("main", 7), actor=cast.bernd.user, now=story.later())
    submitted(story, "work")
    review.split(story.tickets["work"], titles=[marked("fertig")], actor=anna, now=story.later())
    story.notice("exhausted", "work", 1, cap_minutes=30)
    story.notice("completed", "work", 2)
    story.accept("exhausted", cast.bernd)
    story.accept("completed", cast.bernd)
    story.work("work", 1, 40)
    story.work("work", 2, 10)
    resolution.finish_concern(story.concern("work", 2), actor=anna, now=story.later())
    story.things["goodwill"] = goodwill.grant_goodwill(
        story.concern("work", 2), minutes=3, reason=marked("kulanz"), actor=anna, now=story.later()
    )
    running = {"purpose": "work", "channel": "internal", "activity": marked("läuft")}
    story.things["timer"] = times.start_timer(story.concern("main", 1), **running, actor=anna, now=story.now)


def _looked_at(story: AcmeStory, ticket: str, contact: Contact, *, ends: bool) -> Any:
    """A remote session of Dora, free of charge, to which the contact has agreed on its page; ended by the contact."""
    asked = {
        "contact": contact,
        "purpose": marked("fernwartung"),
        "code": f"{MARK}.4711",
        "concern": story.concern(ticket),
    }
    session = remote.invite_to_session(story.tickets[ticket], **asked, actor=story.cast.dora, now=story.later())
    shown = hash_of_words(session.consent_text.said("de"))
    evidence = {"browser": marked("browser")}
    remote.agree(session, text_hash=shown, evidence=evidence, actor=contact.user, now=story.later())
    remote.name_participant(session, name=marked("begleitung"), actor=story.cast.dora, now=story.later())
    begun = {"concern": story.concern(ticket), "purpose": "triage"}
    held.start_session(fresh(session), **begun, actor=story.cast.dora, now=story.later())
    if ends:
        held.end_session(fresh(session), actor=contact.user, now=story.later())
    return fresh(session)


def _second_reviews(story: AcmeStory) -> None:
    """One objection decided (concern 8, which is then not offered), one still open (concern 10)."""
    cast = story.cast
    for name, position in (("decided", 8), ("open", 10)):
        found = assessments.publish(
            story.concern("main", position), verdict=story.verdict("COV-USE"), actor=cast.anna, now=story.later()
        )
        story.things[f"objection_{name}"] = objections.open_objection(
            found, text=marked(f"widerspruch {name}"), actor=cast.bernd.user, now=story.later()
        )
    assessments.review_objection(
        story.things["objection_decided"],
        result="changed",
        text=marked("zweitprüfung"),
        verdict=story.verdict("NOT-PRODUCT"),
        actor=cast.dora,
        now=story.later(),
    )


def _ended(story: AcmeStory) -> None:
    cast = story.cast
    for name in ("solved", "cancelled", "new"):
        submitted(story, name)
    submitted(story, "secret", cast.astrid, confidential=True)
    submitted(story, "of_emil", story.emil)
    _answer(story, "solved")
    rate.rate(story.tickets["solved"], stars=4, comment=marked("lob"), actor=cast.bernd.user, now=story.later())
    cancel.cancel(story.tickets["cancelled"], reason=marked("doch nicht"), actor=cast.bernd.user, now=story.later())
    submitted(story, "onsite")
    story.things["referred"] = assessments.refer(
        story.concern("onsite"),
        verdict=story.verdict("NOT-ONSITE"),
        wish=marked("besuch"),
        place=marked("ort"),
        preferred_dates=marked("tage"),
        actor=cast.anna,
        now=story.later(),
    )


def _small_things(story: AcmeStory) -> None:
    """What stands beside the requests: wishes, a draft with a file, an invitation, a release."""
    cast, bernd = story.cast, story.cast.bernd
    common = {"product": cast.erp, "actor": bernd.user}
    wish = {"wish": marked("direktwunsch"), "place": marked("ort"), "preferred_dates": marked("tage")}
    story.things["consulting"] = handover.request_consulting(bernd, **wish, **common, now=story.later())
    kurs = add_training(data=TrainingData(title="Grundkurs"), actor=story.things["admin"], now=story.later())
    asked = handover.request_training(bernd, wish=marked("kurs"), offer=kurs, **common, now=story.later())
    story.things["offered_training"] = kurs
    story.things["training"] = handover.hand_over(
        asked, address="schulung@vendor.example", actor=cast.anna, now=story.later()
    )
    with viewing_as(SYSTEM):
        for wish in ("consulting", "training"):
            new_pass(story.things[wish], now=story.now)
    data = {"title": marked("entwurf"), "description": marked("entwurfstext"), "product": str(cast.erp.pk)}
    story.things["draft"] = draft.save_draft(bernd, data=data, actor=bernd.user, now=story.later())
    story.things["upload"] = draft.add_upload(
        bernd, file=upload(f"{MARK}-entwurf.txt"), actor=bernd.user, now=story.later()
    )
    story.things["session_ended"] = _looked_at(story, "work", bernd, ends=True)
    story.things["session_running"] = _looked_at(story, "of_emil", story.emil, ends=False)
    asked = {"contact": bernd, "purpose": marked("hinsehen"), "code": f"{MARK}.0815"}
    story.things["session"] = remote.invite_to_session(
        story.tickets["new"], **asked, actor=cast.anna, now=story.later()
    )
    story.things["invitation"] = invite(story.emil, actor=cast.anna, now=story.later())
    _called(story)
    _registered(story)


def _called(story: AcmeStory) -> None:
    """Emil waits to be called back; somebody unknown has called about Acme."""
    wish = callbacks.Wish(number="0211 5550142", about=marked("rückruf"))
    story.things["callback"] = callbacks.request_callback(
        story.tickets["of_emil"], contact=story.emil, wish=wish, actor=story.emil.user, now=story.later()
    )
    end = story.later()
    note = CallNote(
        started_at=end - timedelta(minutes=3), ended_at=end, outcome="needs_work", note=marked("anruf"),
        number="0211 5550143", name=marked("anrufer"), company=marked("firma"),
    )  # fmt: skip
    story.things["call"] = record_call(note, actor=story.cast.anna, now=end)
    set_extension(story.cast.anna, number="21", actor=story.cast.anna, now=end)


def _registered(story: AcmeStory) -> None:
    """Somebody of Acme who waits for their admin to let them in."""
    rules = {"mail_domains": ["acme.example"], "registration_policy": "customer_admin"}
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=story.cast.acme.pk).update(**rules)
    token, system = new_token(), User.objects.system()
    typed = Application(story.cast.acme.number, f"{MARK}.rita@acme.example", "de", hash_of(token))
    started = start_registration(typed, actor=system, now=story.later())
    found = confirm_code(token, code=started.code, now=story.later())
    words = {"name": marked("rita"), "password": "Kaffeetasse-im-Schnee"}
    done = complete_registration(found, **words, actor=system, now=story.later())
    story.things["registration"] = done.registration


def _recorded(story: AcmeStory) -> None:
    """A service record that was disputed, and the revision that answers it; both with their PDF."""
    system, bernd = User.objects.system(), story.cast.bernd.user
    records = []
    for _revision in range(2):
        issued = service_records.issue_record(story.tickets["work"], actor=story.cast.anna, now=story.later())
        records.append(service_records.make_pdf(issued, actor=system, now=story.later()))
        if len(records) == 1:
            service_records.dispute_record(issued, reason=marked("einwand"), actor=bernd, now=story.later())
    story.things["records"] = [fresh(one) for one in records]


def _attempt(story: AcmeStory) -> None:
    """A refused decision, whose trace stays."""
    try:
        decisions.accept(
            story.offers["sent"], cap=None, text_hash="wrong", actor=story.cast.bernd.user, now=story.later()
        )
    except Refused:
        return
    raise AssertionError("a decision about another text was accepted")


def _links(story: AcmeStory) -> None:
    """A personal link to the waiting offer with its code, and a code for the telephone; as the mails make them."""
    offer, bernd, system = story.offers["sent"], story.cast.bernd, User.objects.system()
    story.things["token"] = links.make_link(offer, contact=bernd, actor=system, now=story.later())
    link = links.open_link(story.things["token"], now=story.now)
    story.things["link_code"] = links.issue_link_code(link, actor=system, now=story.later())
    story.things["phone_code"] = links.issue_phone_code(offer, actor=bernd.user, now=story.later())


def _house(cast: Cast) -> None:
    """What the vendor says to everybody: a telephone, an imprint, a word about privacy."""
    with viewing_as(SYSTEM):
        ContactChannel.objects.create(product=cast.erp, kind="phone", value="0800 / 123 45 67", toll_free=True, order=2)
        VendorProfile.objects.update(imprint_text="Kontor Software GmbH", privacy_text="Wir schützen Daten.")


def other_company(story: AcmeStory) -> None:
    """Clara has something of her own, so that an empty page proves nothing."""
    cast, anna = story.cast, story.cast.anna
    words = {"title": "Frage von Borealis", "description": "Eine Frage.", "impact": "minor"}
    request = NewRequest(product=cast.erp, **words)
    ticket = submit(cast.clara, request=request, files=[upload()], actor=cast.clara.user, now=story.later())
    story.things["clara_offer"] = assessments.send_cost_notice(
        concern_of(ticket),
        verdict=Verdict(item=cast.item("CHG-CONF"), reason="Das ist eine Einstellung."),
        offer=OfferTerms(estimate_min=30, estimate_max=45, scope="Einstellen", cap_minutes=60),
        actor=anna,
        now=story.later(),
    )
    draft.save_draft(cast.clara, data={"title": "Entwurf"}, actor=cast.clara.user, now=story.later())
    story.things["clara_ticket"] = fresh(ticket)


@pytest.fixture(scope="session")
def told_story(database_server: TestServer, django_db_setup: None, django_db_blocker: Any) -> AcmeStory:
    """The story, told once per process into a database of its own; use `acme_story`."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, database_server.beside("story"):
        patch.setattr(mail, "outbox", [], raising=False)
        patch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
        clock = Clock(berlin("2026-11-24 06:00"))
        patch.setattr(timezone, "now", clock)
        story = tell(make_cast(), clock())
        other_company(story)
        clock.set(story.now)
        run_jobs("channels.fan_out", "channels.deliver", "channels.invite")
        story.mails = list(mail.outbox)
    return story


#: The story of this process as bytes: made into objects again in a fifth of the time that copying them takes.
_written: dict[int, bytes] = {}


def copy_of(story: AcmeStory) -> AcmeStory:
    """A copy that a test may spoil."""
    if id(story) not in _written:
        _written[id(story)] = pickle.dumps(story)
    copy: AcmeStory = pickle.loads(_written[id(story)])  # noqa: S301 - our own bytes
    return copy


@pytest.fixture
def story_database(told_story: AcmeStory, database_server: TestServer, django_db_blocker: Any) -> Iterator[None]:
    """The database of the process is that of the story for one test."""
    cache.clear()
    with django_db_blocker.unblock():
        pointing = database_server.beside("story")
        pointing.__enter__()
    yield
    with django_db_blocker.unblock():
        pointing.__exit__(None, None, None)
    cache.clear()


@pytest.fixture
def acme_story(told_story: AcmeStory, story_database: None, db: None, clock: Clock) -> AcmeStory:
    """Acme's story up to a Tuesday noon, the time at which its pages are looked at. Not together with `cast`."""
    clock.set(told_story.now)
    return copy_of(told_story)
