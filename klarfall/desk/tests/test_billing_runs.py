"""Billing runs at the desk: period, preview, freezing, export, the trace of every line; who may and who may not."""

import re
from datetime import date
from decimal import Decimal

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from klarfall.billing.actions import assessments, goodwill
from klarfall.billing.models import BatchConcern, BillingBatch, BillingLine, SelfAudit
from klarfall.billing.tests.steps import accept, refresh, send, split_off, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.forms.billing import PeriodForm, next_period
from klarfall.desk.tests.conftest import at, queries_of, text
from tests.cast import berlin, concern_of, make_staff
from tests.queue import run_jobs, waiting_jobs

pytestmark = pytest.mark.django_db
JOBS = ("billing.compute_batch", "billing.freeze_batch", "billing.export_batch")
NOVEMBER = {"starts_on": "01.11.2026", "ends_on": "30.11.2026"}
NBSP = "\u00a0"


@pytest.fixture
def paula(cast):
    return make_staff("Paula", "billing")


@pytest.fixture
def paulas(desk_of, paula, clock):
    """Paula signs in on the day on which November is billed."""
    clock.set("2026-12-01 08:00")
    return desk_of(paula)


@pytest.fixture
def s1(cast, ticket, clock):
    """Scenario S1: 22 + 18 + 27 minutes make 75 billed ones; assessing took 11."""
    concern = concern_of(ticket)
    clock.set("2026-11-24 08:30")
    work(cast, concern, "08:15", "08:26", purpose="triage")
    offer = send(cast, concern, at=berlin("2026-11-24 08:40"))
    accept(offer, cast.astrid, at=berlin("2026-11-24 09:00"), order_number="B-77")
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end)
    clock.set("2026-12-01 08:00")
    return concern


def newest():
    with viewing_as(SYSTEM):
        return BillingBatch.objects.latest("pk")


def begin(client, **period):
    """Open a run over the period by the form and let the worker compute it."""
    response = client.post(at("billing"), {**NOVEMBER, **period})
    assert response.status_code == 303, text(response)[-3000:]
    run_jobs(*JOBS)
    return newest()


def freeze(client, run):
    """Freeze a computed run by its summary."""
    seen = {"seen": refresh(run).computed_at.isoformat()}
    assert client.post(at("run-freezing", run.number), seen).status_code == 303
    run_jobs(*JOBS)
    return refresh(run)


def export(client, run):
    assert client.post(at("run-export", run.number)).status_code == 303
    run_jobs(*JOBS)
    return refresh(run)


def shown(client, name, *args, **query):
    return text(client.get(at(name, *args), query)).replace(NBSP, " ")


# Who may -------------------------------------------------------------------------------------------------------------


def test_without_the_role_there_is_no_billing(paulas, s1, cast, desk_of):
    run = begin(paulas)
    for client in (desk_of(cast.anna), desk_of(cast.dora)):
        for path in (at("billing"), at("run", run.number), at("run-freezing", run.number),
                     at("run-file", run.number, "csv"), at("run-concern", run.number, s1.pk)):  # fmt: skip
            assert client.get(path).status_code == 404, path
            assert client.post(path).status_code == 404, path
        assert client.post(at("run-export", run.number)).status_code == 404
        assert "Abrechnungsläufe" not in text(client.get(at("list", "to-assess")))
    assert "Abrechnungsläufe" in text(paulas.get(at("billing")))


# Period --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [("01.11.2026", "30.11.2026"), ("2026-11-01", "2026-11-30"), ("1.11.26", "30.11.26")])
def test_days_are_read_as_people_type_them(typed):
    form = PeriodForm(dict(zip(("starts_on", "ends_on"), typed, strict=True)), today=date(2026, 12, 1))
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"ends_on": "31.12.2026"}, "noch nicht vorbei"),
        ({"ends_on": "01.12.2026"}, "noch nicht vorbei"),
        ({"ends_on": "31.10.2026"}, "liegt vor dem ersten"),
        ({"starts_on": "31.02.2026"}, "31.10.2026"),
        ({"starts_on": "gestern"}, "31.10.2026"),
        ({"starts_on": "0001-01-01' OR 1=1"}, "31.10.2026"),
        ({"starts_on": ""}, "starts_on"),
    ],
)
def test_impossible_periods_are_refused_and_kept(period, words, paulas, clock, cast):
    clock.set("2026-12-01 08:00")
    response = paulas.post(at("billing"), {**NOVEMBER, **period})
    assert response.status_code == 422
    assert words in text(response).replace("\n", " ")
    with viewing_as(SYSTEM):
        assert not BillingBatch.objects.exists()


@pytest.mark.parametrize(
    ("last", "today", "proposal"),
    [
        (None, date(2026, 12, 3), (date(2026, 11, 1), date(2026, 11, 30))),
        (None, date(2027, 1, 1), (date(2026, 12, 1), date(2026, 12, 31))),
        (date(2026, 10, 31), date(2026, 12, 3), (date(2026, 11, 1), date(2026, 11, 30))),
        (date(2026, 11, 30), date(2026, 12, 3), (date(2026, 12, 1), date(2026, 12, 2))),
        (date(2027, 1, 31), date(2027, 3, 2), (date(2027, 2, 1), date(2027, 2, 28))),
        (date(2026, 12, 2), date(2026, 12, 3), (date(2026, 12, 2), date(2026, 12, 2))),
    ],
)
def test_the_proposed_period_follows_the_last_run(last, today, proposal):
    run = None if last is None else BillingBatch(ends_on=last)
    assert tuple(next_period(run, today).values()) == proposal
    form = PeriodForm(next_period(run, today), today=today)
    assert form.is_valid(), "what is proposed is accepted"


def test_a_second_run_waits_for_the_first(paulas, s1):
    run = begin(paulas)
    response = paulas.post(at("billing"), NOVEMBER)
    assert response.status_code == 422
    assert f"Lauf {run.number}" in shown(paulas, "billing")


# List ----------------------------------------------------------------------------------------------------------------


def test_the_empty_list_says_what_comes(paulas, clock):
    clock.set("2026-12-01 08:00")
    page = shown(paulas, "billing")
    assert "Noch kein Lauf" in page
    assert 'value="01.11.2026"' in page
    assert 'value="30.11.2026"' in page


def test_what_waits_is_counted_with_its_oldest_day(paulas, s1):
    page = shown(paulas, "billing")
    assert "Di, 24.11.2026" in page.partition('id="waiting"')[2].partition("</section>")[0]


def test_running_work_is_readable_without_javascript_and_asks_again_with_it(paulas, s1):
    paulas.post(at("billing"), NOVEMBER)
    run = newest()
    page = shown(paulas, "run", run.number)
    assert "Die Vorschau wird berechnet" in page
    assert '<meta http-equiv="refresh"' in page
    polled = paulas.get(at("run-progress", run.number), headers={"HX-Request": "true"})
    assert "<progress" in text(polled)
    assert "HX-Refresh" not in polled.headers
    run_jobs(*JOBS)
    assert paulas.get(at("run-progress", run.number), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert paulas.get(at("run-progress", run.number)).status_code == 302


# Preview -------------------------------------------------------------------------------------------------------------


def test_the_preview_gives_the_figures_of_s1(paulas, s1):
    run = begin(paulas)
    page = shown(paulas, "run", run.number)
    for words in ("165,00 €", "31,35 €", "196,35 €", "67 Minuten genau, zu 132,00 € je Stunde",
                  "67 Minuten genau, Takt 15: 75 Minuten.", "Vorschau", "Acme", "19 % Umsatzsteuer"):  # fmt: skip
        assert words in page, words
    assert "198,00" not in page


def test_a_trace_names_every_minute_the_decision_and_the_offer(paulas, s1, ticket):
    run = begin(paulas)
    page = shown(paulas, "run-concern", run.number, s1.pk)
    for words in ("09:10–09:32", "10:05–10:23", "11:00–11:27", "08:15–08:26", "Die Sichtung ist kostenfrei.",
                  "Abrechenbar: Der Kostenhinweis ist beauftragt.", "Astrid", "B-77", "Anna", "Portal",
                  "höchstens 264,00 €", "132,00 € je Stunde", "165,00 €"):  # fmt: skip
        assert words in page, words
    assert f"/desk/tickets/{ticket.number}/" in page


def test_a_concern_that_adds_nothing_has_no_trace(paulas, s1, cast, make_ticket):
    run = begin(paulas)
    other = concern_of(make_ticket(title="Etwas anderes"))
    assert paulas.get(at("run-concern", run.number, other.pk)).status_code == 404
    assert paulas.get(at("run-concern", run.number + 1, s1.pk)).status_code == 404
    assert paulas.get(at("run", 99_999_999)).status_code == 404


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "9" * 400])
def test_numbers_that_cannot_be_do_not_exist(number, paulas, s1):
    run = begin(paulas).number
    for path in (number, f"{number}/freezing", f"{number}/files/csv", f"{run}/concerns/{number}"):
        assert paulas.get(f"/desk/billing/{path}/").status_code == 404, path


def test_a_preview_is_computed_anew_or_discarded(paulas, s1, cast):
    run = begin(paulas)
    work(cast, s1, "12:00", "12:30", now=berlin("2026-12-01 08:00"), late_reason="Nachgetragen")
    assert paulas.post(at("run-computation", run.number)).status_code == 303
    run_jobs(*JOBS)
    assert refresh(run).minutes == 105
    assert "verwerfen?" in shown(paulas, "run-discarding", run.number)
    assert paulas.post(at("run-discarding", run.number)).status_code == 303
    with viewing_as(SYSTEM):
        assert not BillingBatch.objects.exists()
        assert not BatchConcern.objects.exists()


def test_filters_narrow_by_customer_and_kind(paulas, s1):
    run = begin(paulas)
    assert "165,00" in shown(paulas, "run", run.number, customer="acm").partition('id="lines"')[2]
    for query in ({"customer": "Borealis"}, {"only": "correction"}, {"only": "goodwill"}):
        assert "Keine Zeile passt" in shown(paulas, "run", run.number, **query), query
    for query in ({"only": "nonsense"}, {"after": "x-y"}, {"before": "9" * 40 + "-1"}, {"customer": "%'\\"}):
        assert paulas.get(at("run", run.number), query).status_code == 200, query


# Freezing and export -------------------------------------------------------------------------------------------------


def test_freezing_has_a_summary_that_says_it_is_final(paulas, s1):
    run = begin(paulas)
    page = shown(paulas, "run-freezing", run.number)
    assert "Das ist endgültig" in page
    assert "165,00 €" in page
    assert paulas.post(at("run-freezing", run.number), {"seen": "2026-01-01T00:00:00"}).status_code == 200
    assert refresh(run).status == "open"
    run = freeze(paulas, run)
    assert (run.status, run.net, run.minutes) == ("frozen", Decimal("165.00"), 75)
    page = shown(paulas, "run", run.number)
    assert run.content_hash in page
    assert "Als CSV und JSON exportieren" in page
    for words in ("165,00 €", "196,35 €", "67 Minuten genau", "Paula"):
        assert words in page, words
    assert f">Lauf {run.number}</td>" in shown(paulas, "run-concern", run.number, s1.pk)


def test_the_request_says_that_its_minutes_were_billed(paulas, s1, ticket):
    run = freeze(paulas, begin(paulas))
    assert f"abgerechnet in Lauf {run.number}" in shown(paulas, "ticket", ticket.number)


def test_a_step_that_failed_for_good_can_be_started_again(paulas, s1):
    run = begin(paulas)
    seen = {"seen": refresh(run).computed_at.isoformat()}
    paulas.post(at("run-freezing", run.number), seen)
    assert paulas.get(at("run-freezing", run.number)).status_code == 302, "it is being frozen already"
    [job] = [one for one in waiting_jobs() if one[1] == "billing.freeze_batch"]
    with viewing_as(SYSTEM):
        ProcrastinateJob.objects.filter(pk=job[0]).update(status="failed")
    assert "fehlgeschlagen" in shown(paulas, "run", run.number)
    assert freeze(paulas, run).status == "frozen"


def test_frozen_runs_are_neither_discarded_nor_computed_anew(paulas, s1):
    run = freeze(paulas, begin(paulas))
    for name in ("run-discarding", "run-computation", "run-freezing"):
        assert paulas.post(at(name, run.number)).status_code in (302, 303)
    assert refresh(run).status == "frozen"
    assert paulas.get(at("run-freezing", run.number)).status_code == 302


def test_the_files_are_downloads_with_the_same_cents(paulas, s1):
    run = freeze(paulas, begin(paulas))
    assert paulas.get(at("run-file", run.number, "csv")).status_code == 404
    run = export(paulas, run)
    for kind in ("csv", "json"):
        answer = paulas.get(at("run-file", run.number, kind))
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        content = b"".join(answer.streaming_content)
        assert int(answer.headers["Content-Length"]) == len(content)
        assert re.search(rb"147[,.]40", content), content
        assert re.search(rb"17[,.]60", content), content
    assert paulas.get(at("run-file", run.number, "exe")).status_code == 404
    assert run.csv_sha256 in shown(paulas, "run", run.number)


def test_goodwill_and_a_correction_say_by_whom_and_of_what(paulas, s1, ticket, cast):
    goodwill.grant_goodwill(s1, minutes=15, reason="Lange gewartet.", actor=cast.dora, now=berlin("2026-12-01 08:00"))
    first = freeze(paulas, begin(paulas))
    assert first.net == Decimal("132.00")
    trace = shown(paulas, "run-concern", first.number, s1.pk)
    assert "15 Minuten Kulanz von Dora: Lange gewartet." in trace
    assert "165,00" not in shown(paulas, "run", first.number, only="correction")
    assert "Kulanz: 15 Minuten werden nicht berechnet." in shown(paulas, "run", first.number, only="goodwill")
    reason = "Die Summe war im Programm falsch."
    assessments.report_defect(concern_of(ticket), reason=reason, actor=cast.anna, now=berlin("2026-12-01 08:05"))
    second = begin(paulas, starts_on="30.11.2026", ends_on="30.11.2026")
    assert second.net == Decimal("-132.00")
    page = shown(paulas, "run", second.number, only="correction")
    assert f"Korrektur zu Lauf {first.number}: bisher abgerechnet 147,40 € (67 Minuten), richtig sind 0,00 €" in page
    assert at("run-concern", first.number, s1.pk) in shown(paulas, "run-concern", second.number, s1.pk)
    second = freeze(paulas, second)
    with viewing_as(SYSTEM):
        assert sum(line.net for line in BillingLine.objects.all()) == 0


# Self-audit ----------------------------------------------------------------------------------------------------------


def test_the_self_audit_shows_its_last_result_and_its_history(paulas, s1, clock, desk_of, cast):
    assert desk_of(cast.anna).get(at("audit")).status_code == 404
    assert "Noch nichts geprüft" in shown(paulas, "audit")
    assert paulas.post(at("audit")).status_code == 303
    run_jobs("billing.self_audit")
    page = shown(paulas, "audit")
    assert "Alles stimmt." in page
    assert "Jede abgerechnete Minute steht in genau einem Lauf." in page
    checks = [{"invariant": "INV-4", "checked": 3, "found": 21, "findings": ["above_cap offer 17", "<b>neu</b> x 1"]}]
    with viewing_as(SYSTEM):
        SelfAudit.objects.create(started_at=clock(), finished_at=clock(), is_clean=False, checks=checks)
    page = shown(desk_of(cast.dora), "audit")
    assert "Etwas stimmt nicht." in page
    assert "21 Befunde" in page
    assert "Kostenhinweis" in page
    assert "und 19 weitere" in page
    assert "<b>neu</b>" not in page


# Speed ---------------------------------------------------------------------------------------------------------------


def copies(run, concern, count):
    """The same stored preview for many concerns (ids only: the page must not ask for each of them)."""
    with viewing_as(SYSTEM):
        stored = BatchConcern.objects.get(batch=run, concern=concern)
        rows = type(concern).objects.exclude(pk=concern.pk)[:count]
        BatchConcern.objects.bulk_create(
            BatchConcern(
                batch=run, customer_id=one.customer_id, ticket_id=one.ticket_id, concern=one, version=1,
                minutes=stored.minutes, net=stored.net, lines=stored.lines, locks=stored.locks,
            )
            for one in rows
        )  # fmt: skip


def test_a_preview_of_many_concerns_costs_the_queries_of_few(paulas, s1, make_ticket, cast, clock):
    run = begin(paulas)
    path = at("run", run.number)
    few = len(queries_of(paulas, path))
    for number in range(6):
        split_off(
            cast,
            make_ticket(title=f"Frage {number}", now=clock()),
            *[f"Anliegen {n}" for n in range(2, 11)],
            at=clock(),
        )
    copies(run, s1, 60)
    assert len(queries_of(paulas, path)) == few <= 9
    seen, page, pages = [], path, 0
    while page:
        answer = text(paulas.get(page))
        seen += re.findall(rf"/desk/billing/{run.number}/concerns/(\d+)/", answer)
        later = re.search(r'href="([^"]+)" rel="next"', answer)
        page, pages = (later[1].replace("&amp;", "&").removesuffix("#lines") if later else ""), pages + 1
    assert len(seen) == len(set(seen)) == 61
    assert pages == 3
