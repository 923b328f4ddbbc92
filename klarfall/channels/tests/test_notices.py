"""Who is told what: once per event and person, in their words, and never about somebody else's company."""

import html
import re
from datetime import UTC, datetime, time, timedelta
from unittest import mock

import pytest
from django.core import mail
from django.template import engines
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.billing.actions import assessments, decisions, links
from klarfall.billing.actions.resolution import resolve
from klarfall.billing.actions.time import record_time
from klarfall.billing.models import PersonalLink
from klarfall.billing.tests.steps import accept, decline, publish, send, verdict
from klarfall.channels import jobs, recipients
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.tickets.actions.assign import assign
from klarfall.tickets.actions.object import open_objection
from klarfall.tickets.actions.reopen import reopen
from klarfall.tickets.actions.reply import reply, write_note
from klarfall.tickets.actions.restore import restore
from klarfall.tickets.announced import ANNOUNCED
from klarfall.tickets.models import TicketEvent
from tests.cast import concern_of, fresh, make_contact
from tests.queue import again, run_jobs, waiting_jobs

#: Notices are sent when the real clock says so; offers must still be open then.
NOW = timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def ticket(make_ticket):
    return make_ticket(title="Saldo Liegenschaft 12", now=NOW)


def tell():
    """Run everything that waits and return the mails of this round by recipient."""
    mail.outbox.clear()
    run_jobs()
    return {re.sub(r".*<|>", "", message.to[0]): message for message in mail.outbox}


def parts(message):
    """Plain text and HTML, without its escapes."""
    (page,) = [content for content, kind in message.alternatives if kind == "text/html"]
    return message.body, html.unescape(page)


def flat(text):
    """A text in one line: where lines break is of no importance."""
    return " ".join(text.split())


def at(minutes):
    """An instant after NOW: what people do one after the other never happens at the same instant."""
    return NOW + timedelta(minutes=minutes)


def test_a_new_request_is_confirmed_with_number_and_promise(ticket):
    told = tell()
    assert set(told) == {"bernd@acme.example"}, "agents get no flood of mails"
    message = told["bernd@acme.example"]
    assert f"KF-{ticket.number}" in message.subject
    for text in parts(message):
        assert "Saldo Liegenschaft 12" in text
        assert "Erste Antwort" in text or "erste Antwort" in text
        assert "nichts beauftragt" in text


def test_a_mail_carries_what_mail_programs_need(ticket, cast):
    first = tell()["bernd@acme.example"]
    reply(ticket, text="Welcher Monat?", actor=cast.anna, now=NOW)
    second = tell()["bernd@acme.example"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"
    assert first.extra_headers["Reply-To"]
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert second.extra_headers["In-Reply-To"] == first.extra_headers["Message-ID"]
    assert first.extra_headers["Message-ID"] in second.extra_headers["References"]


def test_an_event_tells_each_person_once_however_often_its_job_runs(ticket):
    (arguments,) = [args for _id, name, args in waiting_jobs() if name == "channels.fan_out"]
    run_jobs()
    for _again in range(3):
        again("channels.fan_out", **arguments)
    run_jobs()
    with viewing_as(SYSTEM):
        (notice,) = Notice.objects.all()
    again("channels.deliver", notice_id=notice.pk)
    assert len(mail.outbox) == 1
    assert notice.status == "sent"


def test_a_covered_assessment_is_told_with_verdict_reason_clause_and_next_step(ticket, cast):
    tell()
    publish(cast, concern_of(ticket), "COV-USE", at=NOW, reason="Die Anzeige lässt sich zurückstellen.")
    (message,) = tell().values()
    for text in parts(message):
        assert "Im Vertrag enthalten" in text or "IM VERTRAG ENTHALTEN" in text
        assert "Die Anzeige lässt sich zurückstellen." in text
        assert "Leistungskatalog" in text or "Service catalogue" in text
        assert "anders" in text


def test_the_one_button_makes_one_mail(ticket, cast):
    tell()
    assessments.answer_covered(
        ticket,
        verdict=verdict(cast, "COV-QUESTION"),
        answer="Bitte den Stichtag auf Ende Oktober stellen.",
        resolution_kind="use_clarified",
        actor=cast.anna,
        now=NOW,
    )
    told = tell()
    assert len(mail.outbox) == 1
    for text in parts(told["bernd@acme.example"]):
        assert "Bitte den Stichtag auf Ende Oktober stellen." in text
        assert f"/requests/{ticket.number}/" in text
        assert f"/requests/{ticket.number}/reopening/" in text


class TestCostNotice:
    @pytest.fixture
    def offer(self, ticket, cast):
        tell()
        return send(cast, concern_of(ticket), at=NOW)

    def test_both_parts_contain_the_canonical_text_word_for_word(self, offer):
        (message,) = tell().values()
        for text in parts(message):
            assert offer.canonical_text in text

    def test_it_says_that_a_click_commissions_nothing(self, offer):
        (message,) = tell().values()
        assert all("Ein Klick allein beauftragt nichts" in flat(text) for text in parts(message))
        assert "höchstens" in message.subject

    def test_the_personal_link_works_and_only_its_hash_is_stored(self, offer, cast):
        (message,) = tell().values()
        tokens = set(re.findall(r"/l/([\w-]+)/", message.body + parts(message)[1]))
        assert len(tokens) == 1
        token = tokens.pop()
        found = links.open_link(token, now=NOW)
        assert (found.offer, found.contact) == (offer, cast.bernd)
        with viewing_as(SYSTEM):
            notice = Notice.objects.get(kind="cost_notice")
            stored = PersonalLink.objects.get()
        assert token not in notice.text + notice.html + stored.token_hash
        assert "[[personal-link]]" in notice.text
        assert "[[" not in message.body

    def test_a_placeholder_that_somebody_typed_gets_no_secret(self, make_ticket, cast):
        """Behind an address of a stranger it would carry the link there with one click."""
        send(cast, concern_of(make_ticket(title="https://x.example/?[[personal-link]][[code]]", now=NOW)), at=NOW)
        tell()
        (notice,) = [one for one in mail.outbox if "höchstens" in one.subject]
        for text in parts(notice):
            assert "https://x.example/?[[personal-link]][[code]]" in text
            assert len(set(re.findall(r"/l/([\w-]+)/", text))) == 1

    def test_it_is_one_mail_not_assessment_and_offer(self, offer):
        tell()
        assert len(mail.outbox) == 1

    def test_named_people_whose_limit_suffices_are_asked_too(self, ticket, cast):
        tell()
        make_contact("Knapp", cast.acme, "cost_release", release_limit=1)
        with viewing_as(SYSTEM):
            Customer.objects.filter(pk=cast.acme.pk).update(release_policy="named")
        send(cast, concern_of(ticket), at=NOW)
        told = tell()
        assert set(told) == {"bernd@acme.example", "astrid@acme.example"}
        links_of = {to: set(re.findall(r"/l/([\w-]+)/", one.body)) for to, one in told.items()}
        assert not links_of["bernd@acme.example"] & links_of["astrid@acme.example"], "each has a link of their own"

    def test_the_code_goes_to_the_person_of_the_link_and_is_stored_nowhere(self, offer, cast):
        (message,) = tell().values()
        link = links.open_link(re.findall(r"/l/([\w-]+)/", message.body)[0], now=NOW)
        links.send_link_code(link, now=NOW)
        told = tell()
        assert set(told) == {"bernd@acme.example"}
        (code,) = re.findall(r"\b\d{6}\b", told["bernd@acme.example"].body)
        with viewing_as(SYSTEM):
            notice = Notice.objects.get(kind="link_code")
        assert code not in notice.text + notice.html + notice.subject
        assert links.check_link_code(link, code, now=timezone.now()).offer_id == offer.pk

    def test_passing_on_asks_the_other_person(self, offer, cast):
        tell()
        decisions.pass_on(offer, to=cast.astrid, comment="Bitte entscheiden Sie.", actor=cast.bernd.user, now=NOW)
        told = tell()
        assert set(told) == {"astrid@acme.example"}
        assert "Bitte entscheiden Sie." in told["astrid@acme.example"].body
        assert offer.canonical_text in told["astrid@acme.example"].body

    def test_a_decision_is_confirmed_with_the_full_text_of_both(self, offer, cast, ticket):
        assign(ticket, to=cast.anna, actor=cast.dora, now=NOW)
        tell()
        accept(offer, cast.bernd, at=NOW)
        told = tell()
        assert set(told) == {"bernd@acme.example", "anna@vendor.example"}
        for text in parts(told["bernd@acme.example"]):
            assert offer.canonical_text in text
            assert "Entscheidung zum Kostenhinweis" in text or f"{offer.number}" in text
            assert offer.text_hash in text
            assert "Bernd" in text

    def test_a_decline_that_ends_the_request_is_still_confirmed(self, offer, cast):
        tell()
        decline(offer, cast.bernd, at=NOW)
        told = tell()
        assert offer.canonical_text in told["bernd@acme.example"].body
        assert len([one for one in mail.outbox if "bernd@" in one.to[0]]) == 1

    def test_reminders_come_once_and_only_shortly_before_the_end(self, offer):
        tell()
        jobs.remind_of_offers()
        assert tell() == {}
        with viewing_as(SYSTEM):
            today = timezone.localdate()
            assert offer.valid_until > today + timedelta(days=2)
        for _twice in range(2):
            _remind_on(offer.valid_until - timedelta(days=1))
        told = tell()
        assert set(told) == {"bernd@acme.example"}
        assert len(mail.outbox) == 1
        assert offer.canonical_text in told["bernd@acme.example"].body

    def test_the_cap_is_warned_of_on_both_sides(self, offer, cast, ticket):
        assign(ticket, to=cast.anna, actor=cast.dora, now=NOW)
        tell()
        accept(offer, cast.bernd, at=NOW)
        tell()
        start = NOW + timedelta(minutes=1)
        end = start + timedelta(minutes=100)
        _record(cast, concern_of(ticket), start, end)
        told = tell()
        assert set(told) == {"bernd@acme.example"}, "the specialist who records is told by the page"
        assert "80" in told["bernd@acme.example"].subject


def _remind_on(day):
    """The daily job as it runs at the beginning of that day."""
    then = datetime.combine(day, time.min, tzinfo=UTC)
    with mock.patch("klarfall.channels.jobs.timezone.now", return_value=then):
        jobs.remind_of_offers()


def _record(cast, concern, start, end):
    values = {"purpose": "work", "channel": "internal", "activity": "Gearbeitet", "start": start, "end": end}
    return record_time(concern, **values, actor=cast.anna, now=end)


def test_an_answer_reaches_the_customer_and_a_reply_the_assignee(ticket, cast):
    tell()
    reply(ticket, text="Welcher Monat ist es?", actor=cast.anna, now=at(0.5))
    told = tell()
    assert set(told) == {"bernd@acme.example"}
    assert "Welcher Monat ist es?" in told["bernd@acme.example"].body
    reply(ticket, text="Der Oktober.", actor=cast.bernd.user, now=at(1))
    assert tell() == {}, "nobody has the request yet: it stands in the queue"
    assign(ticket, to=cast.anna, actor=cast.dora, now=at(2))
    assert set(tell()) == {"anna@vendor.example"}
    reply(ticket, text="Und der November.", actor=cast.bernd.user, now=at(3))
    assert "Und der November." in tell()["anna@vendor.example"].body


def test_internal_notes_reach_nobody(ticket, cast):
    assign(ticket, to=cast.dora, actor=cast.anna, now=NOW)
    tell()
    write_note(ticket, text="GEHEIM: Kunde zahlt spät.", actor=cast.anna, now=NOW)
    assert tell() == {}
    reply(ticket, text="Wir sehen nach.", actor=cast.anna, now=NOW)
    assert all("GEHEIM" not in part for message in tell().values() for part in parts(message))


def test_seeing_it_differently_is_confirmed_and_goes_to_a_second_person(ticket, cast):
    assessment = publish(cast, concern_of(ticket), "CHG-CONF", at=NOW)
    tell()
    objection = open_objection(assessment, text="Das ging gestern noch.", actor=cast.bernd.user, now=NOW)
    told = tell()
    assert set(told) == {"bernd@acme.example", "dora@vendor.example"}
    assert "Das ging gestern noch." in told["dora@vendor.example"].body
    assert "keine Minute abrechenbar" in flat(told["bernd@acme.example"].body)
    assessments.review_objection(
        objection, result="confirmed", text="Die Einstellung ist neu.", actor=cast.dora, now=at(5)
    )
    told = tell()
    assert "Die Einstellung ist neu." in told["bernd@acme.example"].body


def test_stop_restore_solve_and_reopen_are_told(ticket, cast):
    assign(ticket, to=cast.anna, actor=cast.dora, now=NOW)
    offer = send(cast, concern_of(ticket), at=NOW)
    accept(offer, cast.bernd, at=NOW)
    tell()
    restore(ticket, at=NOW, workaround="Über die Vorschau drucken.", actor=cast.anna, now=at(0.5))
    assert "Über die Vorschau drucken." in tell()["bernd@acme.example"].body
    decisions.stop(concern_of(ticket), actor=cast.bernd.user, now=at(1))
    told = tell()
    assert set(told) >= {"bernd@acme.example", "anna@vendor.example"}
    assert "abrechenbar" in told["anna@vendor.example"].body
    if fresh(ticket).is_live:
        resolve(
            ticket, solution="So geht es.", resolution_kind="use_clarified", actor=cast.anna,
            now=at(2),
        )  # fmt: skip
        tell()
    reopen(ticket, text="Noch nicht.", actor=cast.bernd.user, now=at(3))
    told = tell()
    assert "Noch nicht." in told["anna@vendor.example"].body
    assert len(mail.outbox) == 1


def test_the_recipients_language_counts(ticket, cast):
    tell()
    with viewing_as(SYSTEM):
        User.objects.filter(pk=cast.bernd.user_id).update(language="en")
    publish(cast, concern_of(ticket), "COV-USE", at=NOW)
    (message,) = tell().values()
    assert "Covered by the contract" in message.subject
    assert "Hello Bernd," in message.body


MARKER = "AKME-MARKER-7731"


def test_nothing_of_acme_ever_reaches_clara(make_ticket, cast):
    """Clara works for Borealis; even a notice addressed to her by mistake tells her nothing."""
    ticket = make_ticket(title=MARKER, description=MARKER, now=NOW)
    offer = send(cast, concern_of(ticket), at=NOW)
    accept(offer, cast.bernd, at=NOW)
    reply(ticket, text=MARKER, actor=cast.anna, now=NOW)
    make_ticket(contact=cast.clara, title="Eigene Anfrage", now=NOW)
    run_jobs()
    with viewing_as(SYSTEM):
        for event in TicketEvent.objects.filter(ticket=ticket, kind__in=recipients.RULES):
            for rule in recipients.RULES[event.kind]:
                jobs.notices.tell(
                    cast.clara.user,
                    kind=rule.notice,
                    key=f"wrong:{event.pk}:{rule.notice}",
                    customer_id=ticket.customer_id,
                    event=event,
                    data={"offer": offer.pk},
                    now=NOW,
                )
    run_jobs()
    to_clara = [message for message in mail.outbox if "clara@" in message.to[0]]
    assert len(to_clara) == 1, "her own confirmation"
    assert all(MARKER not in part for message in to_clara for part in (*parts(message), message.subject))
    with viewing_as(SYSTEM):
        wrong = Notice.objects.filter(key__startswith="wrong:")
        assert wrong.exists()
        assert set(wrong.values_list("status", flat=True)) == {"failed"}
        assert not wrong.exclude(text="").exists()


def test_a_recipient_who_lost_sight_meanwhile_gets_nothing(make_ticket, cast):
    ticket = make_ticket(now=NOW)
    run_jobs("channels.fan_out")
    with viewing_as(SYSTEM):
        type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(is_active=False)
    mail.outbox.clear()
    run_jobs()
    assert mail.outbox == []
    with viewing_as(SYSTEM):
        notice = Notice.objects.get(ticket=ticket)
    assert (notice.status, bool(notice.error)) == ("failed", True)


def test_a_colleague_who_wrote_along_is_told_as_well(make_ticket, cast):
    helper = make_contact("Hanna", cast.acme, visibility="all")
    ticket = make_ticket(now=NOW)
    reply(ticket, text="Ich ergänze.", actor=helper.user, now=NOW)
    tell()
    reply(ticket, text="Danke.", actor=cast.anna, now=at(1))
    assert set(tell()) == {"bernd@acme.example", "hanna@acme.example"}


def test_every_announced_event_has_a_rule_and_every_rule_a_text():
    assert set(recipients.RULES) == set(ANNOUNCED)
    kinds = {rule.notice for rules in recipients.RULES.values() for rule in rules}
    for kind in kinds | {"invitation", "link_code", "phone_code", "release_granted", "offer_expiring"}:
        engines["jinja2"].env.get_template(f"channels/notices/{kind}.txt")


def test_work_is_not_told(ticket, cast):
    offer = send(cast, concern_of(ticket), at=NOW)
    accept(offer, cast.bernd, at=NOW)
    tell()
    _record(cast, concern_of(ticket), NOW + timedelta(minutes=1), NOW + timedelta(minutes=10))
    assert tell() == {}
