"""Who may what: every action, tried by people of every role."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

import klarfall
from klarfall.accounts.actions import vendor as houses
from klarfall.accounts.actions import words as terms_of_ui
from klarfall.accounts.actions.founding import finish_setup
from klarfall.accounts.actions.notifications import mute_notices
from klarfall.accounts.models import User
from klarfall.accounts.permissions import PERMISSIONS, SYSTEM_ROLE, ContactRole, StaffRole
from klarfall.billing.actions import (
    assessments,
    batches,
    decisions,
    goodwill,
    invoices,
    links,
    offers,
    resolution,
    self_audit,
    service_records,
    set_up,
)
from klarfall.billing.actions import time as times
from klarfall.billing.actions.decisions import DecisionRefused
from klarfall.billing.models import CostOffer
from klarfall.channels.actions import change_mail_text, clear_mail_failure, note_bounce, resend
from klarfall.channels.mail_texts import Words
from klarfall.channels.models import Notice
from klarfall.contracts.actions import contracts, installations, trainings
from klarfall.contracts.models import Contract, ContractLine, InstalledVersion, TrainingRecord
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import FailedJob
from klarfall.core.words import Noun
from klarfall.customers.actions import contacts, customers
from klarfall.customers.actions.invite import accept_invitation, invite
from klarfall.customers.actions.register import decide_registration
from klarfall.customers.actions.release import grant_release, take_release
from klarfall.customers.models import Contact
from klarfall.knowledge.actions import reading, subscriptions, uses
from klarfall.operations.actions import run_job_again
from klarfall.tickets.actions import (
    assign,
    cancel,
    draft,
    erase,
    handover,
    rate,
    remote,
    reopen,
    reply,
    restore,
    review,
    submit,
)
from klarfall.tickets.actions import object as objections
from klarfall.tickets.models import Ticket
from tests import (
    article_calls,
    editor_calls,
    mail_calls,
    problem_calls,
    remote_calls,
    set_up_calls,
    telephony_calls,
    terms_calls,
    transfer_calls,
)
from tests.acme_story import AcmeStory
from tests.cast import concern_of, fresh, make_contact, make_staff, upload

#: The codes of refused decisions that are about the person, not about the offer.
ABOUT_THE_PERSON = {"staff", "foreign", "inactive", "no_role"}


@dataclass
class Try:
    """One call: the story, who acts, and as which contact (None for staff)."""

    story: AcmeStory
    user: Any
    contact: Contact | None

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.user, "now": self.story.now + timedelta(minutes=1)}

    @property
    def own(self) -> Contact:
        """The contact for whom one asks: oneself, staff for Bernd."""
        return self.contact or self.story.cast.bernd

    @property
    def span(self) -> dict[str, Any]:
        return {"start": self.story.now - timedelta(minutes=3), "end": self.story.now}

    def ticket(self, name: str) -> Ticket:
        return self.story.tickets[name]

    def concern(self, name: str, position: int = 1) -> Any:
        return concern_of(self.ticket(name), position)

    def offer(self, name: str = "sent") -> CostOffer:
        return self.story.offers[name]

    def thing(self, name: str) -> Any:
        return self.story.things[name]


Call = Callable[[Try], Any]
_WORK = {"purpose": "work", "channel": "internal"}


def _request(t: Try) -> submit.NewRequest:
    channel = "portal" if t.contact else "phone"
    words = {"title": "Neu", "description": "Neu", "impact": "minor", "channel": channel}
    return submit.NewRequest(product=t.story.cast.erp, **words)


def _consent(t: Try) -> Any:
    way = "portal" if t.contact else "phone"
    given = {"contact": t.own, "purpose": "Zusehen", "way": way, "at": t.story.now}
    return remote.record_consent(t.ticket("main"), **given, **t.who)


def _review(t: Try) -> Any:
    verdict = t.story.verdict("COV-USE")
    given = {"result": "changed", "text": "Doch enthalten.", "verdict": verdict}
    return assessments.review_objection(t.thing("objection_open"), **given, **t.who)


def _erp(t: Try) -> dict[str, Any]:
    return {"product": t.story.cast.erp, "wish": "Ein Wunsch"}


_PLACE = {"street": "Weg 2", "postal_code": "55116", "city": "Mainz", "country": "DE", "vat_id": ""}


def _seller() -> set_up.SellerData:
    empty = dict.fromkeys(("tax_number", "iban", "bic", "billing_contact", "billing_phone", "billing_email"), "")
    terms = {"writes_invoices": False, "legal_name": "Kontor", "invoice_prefix": "R", "payment_days": 7}
    terms["goodwill_limit"] = Decimal("50.00")
    return set_up.SellerData(**_PLACE, **empty, **terms)


def _buyer() -> set_up.BuyerData:
    return set_up.BuyerData(name="Acme", billing_email="", buyer_reference="", **_PLACE)


def _customer_data() -> customers.CustomerData:
    return customers.CustomerData(number="K-0815", name="Neu")


def _contact_data(email: str) -> contacts.ContactData:
    return contacts.ContactData(email=email, name="Nora Neu")


def _contract_data() -> contracts.ContractData:
    return contracts.ContractData(kind="service", number="S-0815", starts_on=date(2026, 1, 1))


def _line_data(t: Try) -> contracts.LineData:
    return contracts.LineData(product=t.story.cast.erp, calendar=t.story.cast.calendar, channels=("portal",))


def _of_acme(t: Try, model: Any) -> Any:
    with viewing_as(SYSTEM):
        return model.objects.filter(customer=t.story.cast.acme).earliest("pk")


def _installation(t: Try) -> Any:
    known = _of_acme(t, InstalledVersion)
    versions = {"product": known.product, "version": known.version}
    return installations.record_installation(t.story.cast.acme, **versions, since=date(2026, 1, 1), **t.who)


#: Action (by its function) -> permission, and a call that would do it.
ACTIONS: dict[Callable[..., Any], tuple[str, Call]] = {
    assessments.publish: (
        "assessment.publish",
        lambda t: assessments.publish(t.concern("new"), verdict=t.story.verdict("COV-USE"), **t.who),
    ),
    assessments.send_cost_notice: (
        "assessment.publish",
        lambda t: assessments.send_cost_notice(
            t.concern("new"), verdict=t.story.verdict("CHG-CONF"), offer=t.story.terms("x"), **t.who
        ),
    ),
    assessments.answer_covered: (
        "assessment.publish",
        lambda t: assessments.answer_covered(
            t.ticket("new"), verdict=t.story.verdict("COV-USE"), answer="So.", resolution_kind="use_clarified", **t.who
        ),
    ),
    assessments.refer: (
        "assessment.publish",
        lambda t: assessments.refer(t.concern("new"), verdict=t.story.verdict("NOT-ONSITE"), wish="Bitte", **t.who),
    ),
    assessments.review_objection: ("objection.review", _review),
    assessments.report_defect: (
        "assessment.publish",
        lambda t: assessments.report_defect(t.concern("closed"), reason="Fehler im Programm.", **t.who),
    ),
    decisions.accept: (
        "offer.accept",
        lambda t: decisions.accept(t.offer(), cap=None, text_hash=t.offer().text_hash, **t.who),
    ),
    decisions.decline: ("offer.decline", lambda t: decisions.decline(t.offer(), **t.who)),
    decisions.counter: ("offer.decline", lambda t: decisions.counter(t.offer(), text="Anders bitte", **t.who)),
    decisions.choose_other_form: (
        "offer.decline",
        lambda t: decisions.choose_other_form(t.offer(), alternative="article", **t.who),
    ),
    decisions.pass_on: ("offer.pass_on", lambda t: decisions.pass_on(t.offer(), to=t.story.cast.astrid, **t.who)),
    decisions.stop: ("work.stop", lambda t: decisions.stop(t.concern("main"), **t.who)),
    links.issue_phone_code: ("offer.accept", lambda t: links.issue_phone_code(t.offer(), **t.who)),
    links.send_phone_code: (
        "offer.send",
        lambda t: links.send_phone_code(t.offer(), contact=t.story.cast.bernd, **t.who),
    ),
    offers.send_offer: (
        "offer.send",
        lambda t: offers.send_offer(t.concern("main", 2), terms=t.story.terms("x"), **t.who),
    ),
    service_records.issue_record: (
        "record.issue",
        lambda t: service_records.issue_record(t.ticket("billed"), **t.who),
    ),
    service_records.issue_if_due: (
        "record.issue",
        lambda t: service_records.issue_if_due(t.ticket("billed"), **t.who),
    ),
    service_records.confirm_record: (
        "record.answer",
        lambda t: service_records.confirm_record(t.thing("records")[1], **t.who),
    ),
    service_records.dispute_record: (
        "record.answer",
        lambda t: service_records.dispute_record(t.thing("records")[1], reason="Nein", **t.who),
    ),
    goodwill.grant_goodwill: (
        "goodwill.grant",
        lambda t: goodwill.grant_goodwill(t.concern("work"), minutes=1, reason="Aus Kulanz", **t.who),
    ),
    batches.open_batch: (
        "batch.prepare",
        lambda t: batches.open_batch(starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2), **t.who),
    ),
    batches.recompute: ("batch.prepare", lambda t: batches.recompute(t.thing("preview"), **t.who)),
    batches.discard_batch: ("batch.prepare", lambda t: batches.discard_batch(t.thing("preview"), **t.who)),
    batches.freeze_batch: ("batch.freeze", lambda t: batches.freeze_batch(t.thing("preview"), **t.who)),
    invoices.request_invoices: ("invoice.write", lambda t: invoices.request_invoices(t.thing("run"), **t.who)),
    invoices.write_invoice: (
        "invoice.write",
        lambda t: invoices.write_invoice(t.thing("run"), customer=t.story.cast.acme, **t.who),
    ),
    invoices.render_invoice: ("invoice.write", lambda t: invoices.render_invoice(t.thing("invoice"), **t.who)),
    invoices.send_invoice: ("invoice.write", lambda t: invoices.send_invoice(t.thing("invoice"), **t.who)),
    houses.change_house: (
        "house.set_up",
        lambda t: houses.change_house(data=houses.HouseData(name="Kontor", time_zone="Europe/Berlin"), **t.who),
    ),
    terms_of_ui.change_words: (
        "house.set_up",
        lambda t: terms_of_ui.change_words(words={"request": {"en": Noun("case", "cases")}}, **t.who),
    ),
    change_mail_text: (
        "house.set_up",
        lambda t: change_mail_text(kind="received", language="de", words=Words(closing="Ihr Kontor"), **t.who),
    ),
    finish_setup: ("house.set_up", lambda t: finish_setup(**t.who)),
    houses.change_logo: ("house.set_up", lambda t: houses.change_logo(content=b"", **t.who)),
    set_up.add_vat_rate: (
        "billing.set_up",
        lambda t: set_up.add_vat_rate(percent=Decimal(20), valid_from=date(2030, 1, 1), **t.who),
    ),
    set_up.change_seller: ("billing.set_up", lambda t: set_up.change_seller(_seller(), **t.who)),
    set_up.change_buyer: (
        "billing.set_up",
        lambda t: set_up.change_buyer(t.story.cast.acme, data=_buyer(), **t.who),
    ),
    batches.export_batch: ("batch.export", lambda t: batches.export_batch(t.thing("run"), **t.who)),
    run_job_again: ("house.set_up", lambda t: run_job_again(FailedJob(99_999_999, "x", {}, 1, None), **t.who)),
    self_audit.run_now: ("audit.view", lambda t: self_audit.run_now(**t.who)),
    offers.withdraw_offer: ("offer.withdraw", lambda t: offers.withdraw_offer(t.offer(), **t.who)),
    offers.expire_offer: (
        "offer.expire",
        lambda t: offers.expire_offer(t.offer(), actor=t.user, now=t.story.now + timedelta(days=99)),
    ),
    resolution.resolve: (
        "ticket.resolve",
        lambda t: resolution.resolve(t.ticket("main"), solution="So.", resolution_kind="use_clarified", **t.who),
    ),
    resolution.finish_concern: ("work.finish", lambda t: resolution.finish_concern(t.concern("main"), **t.who)),
    times.start_timer: ("time.record", lambda t: times.start_timer(t.concern("new"), **_WORK, **t.who)),
    times.record_time: (
        "time.record",
        lambda t: times.record_time(t.concern("main"), **_WORK, **t.span, activity="Arbeit", **t.who),
    ),
    assign.assign: ("ticket.assign", lambda t: assign.assign(t.ticket("new"), to=t.story.cast.anna, **t.who)),
    cancel.cancel: ("ticket.cancel", lambda t: cancel.cancel(t.ticket("new"), **t.who)),
    draft.save_draft: ("ticket.submit", lambda t: draft.save_draft(t.own, data={"title": "x"}, **t.who)),
    draft.add_upload: ("ticket.submit", lambda t: draft.add_upload(t.own, file=upload(), **t.who)),
    erase.erase_person: ("person.erase", lambda t: erase.erase_person(t.story.emil.user, **t.who)),
    handover.request_consulting: (
        "consulting.request",
        lambda t: handover.request_consulting(t.own, **_erp(t), **t.who),
    ),
    handover.request_training: ("training.request", lambda t: handover.request_training(t.own, **_erp(t), **t.who)),
    handover.hand_over: (
        "consulting.handle",
        lambda t: handover.hand_over(t.thing("consulting"), address="team@vendor.example", **t.who),
    ),
    handover.set_handover_status: (
        "consulting.handle",
        lambda t: handover.set_handover_status(t.thing("consulting"), status="forwarded", **t.who),
    ),
    objections.open_objection: (
        "objection.open",
        lambda t: objections.open_objection(t.concern("solved").current_assessment, text="Nein", **t.who),
    ),
    objections.withdraw_objection: (
        "objection.withdraw",
        lambda t: objections.withdraw_objection(t.thing("objection_open"), **t.who),
    ),
    rate.rate: ("ticket.rate", lambda t: rate.rate(t.ticket("solved"), stars=5, **t.who)),
    remote.record_consent: ("consent.record", _consent),
    **remote_calls.ACTIONS,
    **telephony_calls.ACTIONS,
    reopen.reopen: ("ticket.reopen", lambda t: reopen.reopen(t.ticket("solved"), text="Noch offen", **t.who)),
    reply.reply: ("ticket.reply", lambda t: reply.reply(t.ticket("new"), text="Hallo", **t.who)),
    reply.write_note: ("note.write", lambda t: reply.write_note(t.ticket("new"), text="Hallo", **t.who)),
    restore.restore: (
        "ticket.restore",
        lambda t: restore.restore(t.ticket("work"), at=t.story.now, workaround="So", **t.who),
    ),
    review.begin_review: ("ticket.review", lambda t: review.begin_review(t.ticket("new"), **t.who)),
    review.ask_coverage: ("ticket.ask_coverage", lambda t: review.ask_coverage(t.ticket("new"), **t.who)),
    review.split: ("concern.split", lambda t: review.split(t.ticket("new"), titles=["Noch etwas"], **t.who)),
    review.rename_concern: (
        "concern.split",
        lambda t: review.rename_concern(t.concern("new"), title="Anders", **t.who),
    ),
    submit.submit: ("ticket.submit", lambda t: submit.submit(t.own, request=_request(t), **t.who)),
    **set_up_calls.CALLS,
    **terms_calls.CALLS,
    **mail_calls.CALLS,
    **problem_calls.CALLS,
    **article_calls.CALLS,
    **transfer_calls.CALLS,
    invite: ("contact.invite", lambda t: invite(t.story.emil, **t.who)),
    customers.add_customer: (
        "customer.change",
        lambda t: customers.add_customer(data=_customer_data(), **t.who),
    ),
    customers.change_customer: (
        "customer.change",
        lambda t: customers.change_customer(t.story.cast.acme, data=_customer_data(), **t.who),
    ),
    contacts.add_contact: (
        "contact.change",
        lambda t: contacts.add_contact(t.story.cast.acme, data=_contact_data("nora@acme.example"), **t.who),
    ),
    contacts.change_contact: (
        "contact.change",
        lambda t: contacts.change_contact(t.story.emil, data=_contact_data("emil@acme.example"), **t.who),
    ),
    contacts.close_contact: ("contact.change", lambda t: contacts.close_contact(t.story.emil, **t.who)),
    contacts.reopen_contact: ("contact.change", lambda t: contacts.reopen_contact(t.story.emil, **t.who)),
    contracts.add_contract: (
        "contract.change",
        lambda t: contracts.add_contract(t.story.cast.acme, data=_contract_data(), **t.who),
    ),
    contracts.change_contract: (
        "contract.change",
        lambda t: contracts.change_contract(_of_acme(t, Contract), data=_contract_data(), **t.who),
    ),
    contracts.add_line: (
        "contract.change",
        lambda t: contracts.add_line(_of_acme(t, Contract), data=_line_data(t), **t.who),
    ),
    contracts.change_line: (
        "contract.change",
        lambda t: contracts.change_line(_of_acme(t, ContractLine), data=_line_data(t), **t.who),
    ),
    contracts.remove_line: ("contract.change", lambda t: contracts.remove_line(_of_acme(t, ContractLine), **t.who)),
    installations.record_installation: ("customer.change", _installation),
    installations.remove_installation: (
        "customer.change",
        lambda t: installations.remove_installation(_of_acme(t, InstalledVersion), **t.who),
    ),
    trainings.record_training: (
        "customer.change",
        lambda t: trainings.record_training(
            t.story.emil, product=t.story.cast.erp, topic="Mahnwesen", on=date(2026, 1, 1), **t.who
        ),
    ),
    trainings.remove_training: (
        "customer.change",
        lambda t: trainings.remove_training(_of_acme(t, TrainingRecord), **t.who),
    ),
    note_bounce: (
        "mail.file",
        lambda t: note_bounce(_a_notice(), report_text="550 unknown", final=True, **t.who),
    ),
    take_release: ("release.grant", lambda t: take_release(t.story.cast.astrid, **t.who)),
    decide_registration: (
        "registration.decide",
        lambda t: decide_registration(t.thing("registration"), admit=True, **t.who),
    ),
    grant_release: ("release.grant", lambda t: grant_release(t.story.emil, limit=Decimal("10.00"), **t.who)),
    **editor_calls.CALLS,
    uses.attach_article: (
        "article.attach",
        lambda t: uses.attach_article(t.ticket("new"), article=t.thing("article"), **t.who),
    ),
    subscriptions.subscribe: (
        "article.subscribe",
        lambda t: subscriptions.subscribe(t.own, product=t.story.cast.erp, kinds=["update"], pace="each", **t.who),
    ),
    reading.vote: (
        "article.vote",
        lambda t: reading.vote(t.thing("article"), contact=t.own, helped=True, **t.who),
    ),
    reading.withdraw_vote: (
        "article.vote",
        lambda t: reading.withdraw_vote(t.thing("article"), contact=t.own, **t.who),
    ),
}
#: Holders of the permission for whom there is nothing to do: staff submits, but writes no drafts.
NOT_FOR_STAFF = {draft.save_draft, draft.add_upload, remote.agree}
#: What is somebody's own, whatever their role: (the one who may, call).
PERSONAL: dict[Callable[..., Any], Call] = {
    draft.discard_draft: lambda t: draft.discard_draft(t.thing("draft"), **t.who),
    draft.remove_upload: lambda t: draft.remove_upload(t.thing("upload"), **t.who),
    draft.put_draft_aside: lambda t: draft.put_draft_aside(t.thing("draft"), **t.who),
    draft.bring_draft_back: lambda t: draft.bring_draft_back(t.thing("draft"), **t.who),
    subscriptions.unsubscribe: lambda t: subscriptions.unsubscribe(t.thing("subscription"), **t.who),
    subscriptions.renew_feed: lambda t: subscriptions.renew_feed(t.thing("subscription"), **t.who),
    subscriptions.end_feed: lambda t: subscriptions.end_feed(t.thing("subscription"), **t.who),
    times.correct_entry: lambda t: times.correct_entry(t.thing("entry"), activity="Anders", **t.who),
    times.delete_entry: lambda t: times.delete_entry(t.thing("entry"), **t.who),
    times.stop_timer: lambda t: times.stop_timer(t.thing("timer"), **t.who),
    accept_invitation: lambda t: accept_invitation(t.thing("invitation"), password="Kaffeetasse-im-Schnee", **t.who),
    resend: lambda t: resend(_a_notice(), **t.who),
    clear_mail_failure: lambda t: clear_mail_failure(t.story.emil, **t.who),
    mute_notices: lambda t: mute_notices(t.story.cast.clara.user, muted=[], **t.who),
}
#: Why an action asks for no permission of an actor.
WITHOUT = {
    **set_up_calls.BY_LINK,
    "klarfall.accounts.actions.founding.found_house": "the system, once, in an empty house: test_setup.py",
    "klarfall.billing.actions.caps.watch_cap": "runs by the clock and brings a state up to date",
    "klarfall.billing.actions.links._accept_with": "a step of accept_by_phone, below",
    "klarfall.billing.actions.links._try_link_code": "a step of check_link_code: whoever has the link may type",
    "klarfall.billing.actions.links._try_phone_code": "a step of accept_by_phone, below",
    "klarfall.billing.actions.links.issue_link_code": "by the mail; the database refuses staff, below",
    "klarfall.billing.actions.links.issue_mailed_phone_code": "by the mail; the database refuses staff, below",
    "klarfall.billing.actions.links.make_link": "by the mail; the database refuses staff, below",
    "klarfall.billing.actions.links.open_link": "whoever has the link may look",
    "klarfall.billing.actions.links.send_link_code": "whoever has the link may have its code sent to its person",
    "klarfall.billing.actions.resolution._close": "a step of close_due, which runs by the clock",
    "klarfall.billing.actions.service_records.make_pdf": "runs as a job and writes down what was issued",
    "klarfall.billing.refusals._log": "writes down what was refused",
    "klarfall.customers.actions.register._try_code": "a step of confirm_code: whoever has the code may type",
    "klarfall.customers.actions.register.complete_registration": "by the one who proved the address with the code",
    "klarfall.customers.actions.register.start_registration": "runs as a job; what it sends only its address reads",
    "klarfall.knowledge.actions.misses.record_miss": "a search that found nothing counts itself, nameless",
    "klarfall.knowledge.actions.reading.note_reading": "the page that a contact opens notes it for that contact",
    "klarfall.tickets.actions.assess.publish_assessment": "a step of publish, above",
    "klarfall.tickets.actions.close.close_ticket": "a step of close_due",
    "klarfall.tickets.actions.close.resolve_ticket": "a step of resolve, above",
    "klarfall.tickets.actions.object.record_review": "a step of review_objection, above",
}


def _a_notice() -> Notice:
    with viewing_as(SYSTEM):
        return Notice.objects.earliest("pk")


def every_action() -> dict[str, Callable[..., Any]]:
    """All functions that run as actions, by their full names."""
    found = {}
    for module in pkgutil.walk_packages(klarfall.__path__, "klarfall."):
        if ".tests" in module.name or ".migrations" in module.name or module.name.endswith("wsgi"):
            continue
        for function in vars(importlib.import_module(module.name)).values():
            if getattr(function, "is_action", False) and ".tests." not in function.__module__:
                found[f"{function.__module__}.{function.__name__}"] = function
    return found


def full_name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


def test_every_action_is_tried_here_or_says_why_not():
    tried = {full_name(function) for function in (*ACTIONS, *PERSONAL)}
    assert set(every_action()) == tried | set(WITHOUT)


def test_every_permission_is_asked_for_by_some_action():
    """A permission that nobody asks for protects nothing."""
    by_machines = {"ticket.close", "ticket.progress"}
    by_seats = {"costs.view"}  # no action: portal/tests/test_costs.py compares the page with the table
    assert set(PERMISSIONS) - by_machines - by_seats == {permission for permission, _call in ACTIONS.values()}


@pytest.fixture
def everybody(acme_story) -> dict[str, Try]:
    """One person per role: staff, contacts of Acme (who see all its requests), and outsiders."""
    story = acme_story
    found = {f"staff {role.value}": Try(story, make_staff(f"S{role.value}", role), None) for role in StaffRole}
    for role in ContactRole:
        contact = make_contact(f"C{role.value}", story.cast.acme, role, visibility="all")
        found[f"contact {role.value}"] = Try(story, contact.user, contact)
    left = make_contact("Left", story.cast.acme, *ContactRole.values, visibility="all", is_active=False)
    retired = make_staff("Retired", *StaffRole.values)
    with viewing_as(SYSTEM):
        User.objects.filter(pk=retired.pk).update(is_active=False)
    clara = make_contact("Carla", story.cast.borealis, *ContactRole.values, visibility="all")
    found |= {
        "contact that left": Try(story, left.user, left),
        "retired staff": Try(story, fresh(retired), None),
        "contact of another company": Try(story, clara.user, None),
        "the system": Try(story, User.objects.system(), None),
    }
    return found


def roles_of(name: str) -> set[str]:
    kind, _, role = name.partition(" ")
    if role == "system":
        return {SYSTEM_ROLE}
    return {role} if kind in ("staff", "contact") and role.isidentifier() else set()


def is_forbidden(call: Call, by: Try) -> bool:
    """Try it and undo it: is it refused because of the person?"""
    try:
        with transaction.atomic():
            call(by)
            transaction.set_rollback(True)
    except NotAllowed:
        return True
    except DecisionRefused as refused:
        return refused.code in ABOUT_THE_PERSON
    except Refused:
        return False
    return False


@pytest.mark.parametrize("module", sorted({function.__module__ for function in ACTIONS}))
def test_an_action_is_for_those_whom_the_table_names_and_nobody_else(everybody, module):
    """All actions of a module in one test: making the people takes longer than trying one action."""
    found, wanted = {}, {}
    for function, (permission, call) in ACTIONS.items():
        if function.__module__ == module:
            may = {name for name in everybody if PERMISSIONS[permission] & roles_of(name)}
            if function in NOT_FOR_STAFF:
                may = {name for name in may if not name.startswith("staff")}
            wanted[full_name(function)] = may
            found[full_name(function)] = {name for name, by in everybody.items() if not is_forbidden(call, by)}
    assert all(wanted.values())
    assert found == wanted


def test_what_is_ones_own_is_changed_by_nobody_else(everybody):
    """Drafts by their writer, time by whoever worked or a lead, an invitation by the invited."""
    lead = {"staff lead"}
    may = {full_name(times.correct_entry): lead, full_name(times.delete_entry): lead, full_name(times.stop_timer): lead}
    may[full_name(resend)] = {"staff agent", "staff lead"}
    may[full_name(clear_mail_failure)] = {"staff agent", "staff lead", "the system"}
    for function, call in PERSONAL.items():
        if function is accept_invitation:
            continue
        found = {name for name, by in everybody.items() if not is_forbidden(call, by)}
        assert found == may.get(full_name(function), set()), full_name(function)
    for by in everybody.values():
        with pytest.raises(Refused):
            PERSONAL[accept_invitation](by)


def test_the_people_themselves_may(acme_story):
    cast = acme_story.cast
    for function, user in (
        (draft.remove_upload, cast.bernd.user), (draft.discard_draft, cast.bernd.user),
        (times.correct_entry, cast.anna), (times.stop_timer, cast.anna), (times.delete_entry, cast.anna),
        (accept_invitation, acme_story.emil.user),
    ):  # fmt: skip
        PERSONAL[function](Try(acme_story, user, None))


def test_a_role_in_one_company_is_none_in_another(everybody, acme_story):
    """The admin of Borealis grants nothing at Acme and decides nothing there."""
    by = everybody["contact of another company"]
    for function in (grant_release, decisions.accept, decisions.stop, reply.reply, objections.open_objection):
        assert is_forbidden(ACTIONS[function][1], by), full_name(function)


def test_actions_take_no_actor_by_position():
    """A swapped argument must not turn somebody into somebody else."""
    for name, function in every_action().items():
        actor = inspect.signature(function).parameters.get("actor")
        assert actor is None or actor.kind is actor.KEYWORD_ONLY, name
