"""A billing run in the browser: period, preview, freezing, export, download; the page and the table say the same."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from klarfall.billing.tests.steps import accept, send, work
from klarfall.tickets.actions.submit import NewRequest, submit
from tests.cast import NOW, berlin, concern_of, make_staff
from tests.people import Office, Person
from tests.queue import run_jobs

pytestmark = pytest.mark.browser
JOBS = ("billing.compute_batch", "billing.freeze_batch", "billing.export_batch")


def commissioned(office: Office) -> None:
    """Scenario S1 in November."""
    cast = office.cast
    request = NewRequest(product=cast.erp, title="Schlüssel anlegen", description="Bitte.", impact="minor")
    concern = concern_of(submit(cast.bernd, request=request, actor=cast.bernd.user, now=berlin("2026-11-24 08:00")))
    offer = send(cast, concern, at=berlin("2026-11-24 08:40"))
    accept(offer, cast.astrid, at=NOW)
    for start, end in (("09:10", "09:32"), ("10:05", "10:23"), ("11:00", "11:27")):
        work(cast, concern, start, end)


def figures(path: Path) -> tuple[int, Decimal]:
    """Minutes and net of the table, as a German spreadsheet reads them."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    return sum(int(row["Minuten"]) for row in rows), sum(Decimal(row["Netto"].replace(",", ".")) for row in rows)


def test_a_run_from_the_period_to_the_download(office, tmp_path):
    commissioned(office)
    office.clock.set("2026-12-01 08:00")
    paula: Person = office.person(make_staff("Paula", "billing"))
    previewed(paula)
    frozen_and_exported(paula)
    with paula.page.expect_download() as download:
        paula.click("CSV herunterladen", "link")
    table = tmp_path / download.value.suggested_filename
    download.value.save_as(table)
    assert table.name.endswith(".csv")
    assert figures(table) == (75, Decimal("165.00"))
    paula.sees("165,00", "Exportiert")


def previewed(paula: Person) -> None:
    """A period that is not over is refused; the preview appears by itself and leads to every minute."""
    page = paula.page
    paula.go("/desk/billing/")
    paula.sees("Di, 24.11.2026", "Noch kein Lauf")
    expect(page.get_by_label("Erster Tag")).to_have_value("01.11.2026")
    paula.fill("Letzter Tag", "31.12.2026")
    paula.click("Neuer Abrechnungslauf")
    paula.sees("Dieser Tag ist noch nicht vorbei.")
    expect(page.get_by_role("alert")).to_be_focused()  # what is wrong is read first
    paula.fill("Letzter Tag", "30.11.2026")
    page.get_by_label("Letzter Tag").press("Enter")
    paula.sees("Die Vorschau wird berechnet")
    run_jobs(*JOBS)
    paula.sees("165,00", "196,35", "Das ist eine Vorschau.")  # without anybody's doing: the page asked again
    page.get_by_role("link", name="Schlüssel anlegen").click()
    paula.sees("09:10–09:32", "Astrid", "Der Kostenhinweis ist beauftragt.")
    page.go_back()


def frozen_and_exported(paula: Person) -> None:
    page = paula.page
    paula.click("Prüfen und einfrieren", "link")
    paula.sees("Das ist endgültig")
    page.get_by_role("button", name="Endgültig einfrieren, 165,00").click()
    paula.sees("Der Lauf wird eingefroren")
    run_jobs(*JOBS)
    paula.click("Als CSV und JSON exportieren")
    paula.sees("Der Export wird geschrieben")
    run_jobs(*JOBS)
