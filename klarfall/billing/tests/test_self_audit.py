"""The nightly self-audit: silent over what the actions leave, and loud about exactly what was tampered with."""

import hashlib
import re
import secrets
from pathlib import Path

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from klarfall.accounts.models import User
from klarfall.billing.actions import goodwill, invoices, self_audit
from klarfall.billing.actions.service_records import issue_record
from klarfall.billing.models import BillingBatch, SelfAudit, ServiceRecord, Unbilled
from klarfall.billing.self_audit import audit
from klarfall.billing.self_audit.tally import MOST_NAMED, Tally, in_words
from klarfall.billing.tests.bills import accountant, billed, export
from klarfall.billing.tests.invoice_steps import ready
from klarfall.billing.tests.steps import accept, clock, publish, send, split_off, work
from klarfall.billing.tests.tampering import tamperings
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.anchors import anchor_heads
from klarfall.tickets.models import Ticket
from tests.cast import NOW, concern_of, make_staff
from tests.queue import again, run_jobs, waiting_jobs


@pytest.fixture
def told(cast, make_ticket):
    """A ticket with what can be billed: rounded and billed, billed and then free, and not billed yet."""
    ticket = make_ticket()
    free, open_ = split_off(cast, ticket, "Zweites", "Drittes")
    for concern, minutes in ((concern_of(ticket), ("09:10", "09:50")), (free, ("10:00", "10:20"))):
        accept(send(cast, concern), cast.bernd, at=clock("09:05"))
        work(cast, concern, *minutes)
    goodwill.grant_goodwill(
        concern_of(ticket), minutes=5, reason="Ein Versehen von uns.", actor=cast.dora, now=clock("11:00")
    )
    issued = issue_record(Ticket(pk=ticket.pk), actor=cast.anna, now=clock("11:30"))
    attach(issued, b"%PDF-1.7 ...")
    export(billed())
    with viewing_as(SYSTEM):
        anchor_heads(clock("12:00"))
    publish(cast, free, "COV-DEFECT", at=clock("12:00", "2026-12-02"), trigger="defect")
    accept(send(cast, open_, at=clock("12:05", "2026-12-02")), cast.bernd, at=clock("12:06", "2026-12-02"))
    work(cast, open_, "12:10", "12:40", day="2026-12-02")
    return ticket


def attach(record, document):
    """A stored document, whatever stands in it."""
    key = default_storage.save(f"documents/{secrets.token_hex(16)}", ContentFile(document))
    proof = hashlib.sha256(document).hexdigest()
    with viewing_as(SYSTEM):
        ServiceRecord.objects.filter(pk=record.pk).update(pdf_key=key, pdf_size=len(document), pdf_sha256=proof)


def findings(found=None):
    """Findings by invariant, only those with any."""
    found = found or audit.run()
    return {check["invariant"]: check["findings"] for check in found.checks if check["found"]}


def test_nothing_is_found_over_what_the_actions_leave(told):
    done = audit.run()
    assert (findings(done), done.is_clean) == ({}, True)
    looked = {check["invariant"]: check["checked"] for check in done.checks}
    assert list(looked) == ["INV-1", "INV-4", "INV-8", "INV-19", "INV-21", "INV-29", "INV-30"]
    assert looked["INV-8"] == looked["INV-21"] == looked["INV-30"] == 1
    assert all(looked.values())
    assert waiting_jobs() == [job for job in waiting_jobs() if job[1] != audit.TELL]


def test_nothing_is_found_in_the_story_of_all_rows(acme_story):
    assert findings() == {}


def test_a_correction_makes_the_books_right_again(told):
    billed("2026-12-31")
    assert findings() == {}


def test_each_tampering_is_found_by_its_check(committed_db, told, cast, owner_connection):
    ready(cast)
    with viewing_as(SYSTEM):
        batch = BillingBatch.objects.get()
    (invoice,) = invoices.write_invoices(batch, actor=User.objects.system(), now=clock("09:00", "2026-12-02"))
    invoices.render_invoice(invoice, actor=User.objects.system(), now=clock("09:01", "2026-12-02"))
    assert findings() == {}
    found, wanted = {}, {}
    for name, invariants, tampering in tamperings(owner_connection):
        with tampering:
            found[name], wanted[name] = set(findings()), {f"INV-{number}" for number in invariants}
    assert found == wanted
    assert findings() == {}, "not everything was taken back"


def latest():
    with viewing_as(SYSTEM):
        return SelfAudit.objects.latest("pk")


def spoil():
    """Something is wrong: work that waits for its run is forgotten."""
    with viewing_as(SYSTEM):
        Unbilled.objects.filter(since__gt=clock("00:00", "2026-12-01")).delete()


def test_the_leads_are_told_and_nobody_else(told, cast):
    dorian = make_staff("Dorian", "lead", "agent")
    gone = make_staff("Gerd", "lead")
    with viewing_as(SYSTEM):
        User.objects.filter(pk=gone.pk).update(is_active=False)
    spoil()
    mail.outbox.clear()
    again(audit.JOB)
    run_jobs(audit.TELL, "channels.mail_self_audit")
    assert sorted(one.to[0] for one in mail.outbox) == [f"Dora <{cast.dora.email}>", f"Dorian <{dorian.email}>"]
    found = findings(latest())["INV-19"]
    one = mail.outbox[0]
    text = one.body + str(one.alternatives[0][0])
    assert all(finding.split()[-1] in one.body for finding in found)
    assert "INV-19" in one.body
    assert "/desk/billing/audit/" in one.body
    words = ("Saldo", "Acme", "Bernd", "Einrichten", "Gearbeitet", "Versehen", "Zweites", "Drittes")
    assert [word for word in words if word in text] == []


def test_nobody_is_told_of_a_clean_night(told):
    again(audit.JOB)
    assert latest().is_clean
    assert [name for _id, name, _ids in waiting_jobs() if name == audit.TELL] == []


def test_the_command_says_how_many_it_looked_at_and_ends_with_1_on_findings(told, cast, capsys):
    call_command("self_audit")
    assert "INV-8: 1 looked at, 0 wrong" in capsys.readouterr().out
    spoil()
    with pytest.raises(CommandError, match="2 findings"):
        call_command("self_audit")
    heard = capsys.readouterr()
    assert "INV-19" in heard.out
    assert "no run will correct it" in heard.err


def test_only_who_may_look_has_it_run_and_once_at_a_time(cast):
    for actor in (cast.anna, cast.bernd.user):
        with pytest.raises(NotAllowed):
            self_audit.run_now(actor=actor, now=NOW)
    assert self_audit.run_now(actor=cast.dora, now=NOW) is True
    assert self_audit.run_now(actor=accountant(), now=NOW) is False
    assert [name for _id, name, _ids in waiting_jobs()].count(audit.JOB) == 1


def test_a_check_that_cannot_be_finished_is_a_finding_and_stops_no_other(told, monkeypatch):
    def broken(tally):
        tally.count("SELECT count(*) FROM nowhere")

    monkeypatch.setitem(audit.CHECKS, "INV-4", broken)
    done = audit.run()
    assert findings(done) == {"INV-4": ["crashed check 4"]}
    assert len(done.checks) == len(audit.CHECKS)


def test_many_findings_are_counted_and_some_of_them_named():
    tally = Tally("INV-1")
    for number in range(MOST_NAMED + 50):
        tally.report("no_acceptance", "line", number)
    assert (tally.found, len(tally.findings)) == (MOST_NAMED + 50, MOST_NAMED)


def test_every_finding_has_words():
    sources = [path.read_text() for path in Path(audit.__file__).parent.glob("*.py")]
    used = {
        pair for source in sources for pair in re.findall(r'(?:report|report_all|yield)\(?\s?"(\w+)", "(\w+)"', source)
    }
    assert len(used) > 12
    assert [pair for pair in used if in_words(f"{pair[0]} {pair[1]} 7") == f"{pair[0]} {pair[1]} 7"] == []
    assert in_words("something new 7") == "something new 7"
