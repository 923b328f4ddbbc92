"""The files of a run: bytes that a German Excel opens right, the same figures in both, once and for ever the same."""

import hashlib
import re
from decimal import Decimal
from pathlib import Path

import pytest

from klarfall.billing.actions import batches
from klarfall.billing.models import BillingLine
from klarfall.billing.runs.columns import COLUMNS
from klarfall.billing.tests.run_steps import biller, document, exported, fresh, frozen, lines, read, table
from klarfall.billing.tests.steps import accept, clock, refresh, send, work
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Customer
from klarfall.tickets.actions.review import rename_concern
from tests.cast import berlin, concern_of
from tests.queue import run_jobs, waiting_jobs

DOC = Path(__file__).resolve().parents[3] / "docs" / "billing-export.md"


def audited():
    with viewing_as(SYSTEM):
        return AuditEntry.objects.count()


@pytest.fixture
def billed(cast, make_ticket):
    """Acme's work of S1 with an order number, a title that looks like a formula, and an hour for Borealis."""
    acme = concern_of(make_ticket(now=clock("07:50")))
    offer = send(cast, acme, at=clock("08:40"))
    accept(offer, cast.astrid, at=clock("09:00"), order_number="=4711")
    entry = work(cast, acme, "09:10", "10:17")
    rename_concern(acme, title="=HYPERLINK(1)", actor=cast.anna, now=clock("10:30"))
    other = concern_of(make_ticket(contact=cast.clara, now=clock("10:40")))
    accept(send(cast, other, at=clock("10:50")), cast.clara, at=clock("11:00"))
    work(cast, other, "11:10", "12:10")
    return {"batch": frozen(), "offer": offer, "entry": entry}


def test_the_document_names_every_column():
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| .+ \|$", DOC.read_text(encoding="utf-8"), re.M)
    assert rows == [(column.heading, column.name) for column in COLUMNS]


def test_the_csv_is_what_a_german_excel_reads(billed):
    batch = exported(billed["batch"])
    raw = read(batch.csv_key)
    assert raw.startswith(b"\xef\xbb\xbfLauf;Zeitraum von;")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 1 + batch.lines
    work_, rounding, *_ = table(batch)
    assert (work_["Zeitraum von"], work_["Zeitraum bis"]) == ("01.11.2026", "30.11.2026")
    assert (work_["Kunde"], work_["Art"], work_["Arttext"]) == ("Acme", "work", "Arbeit")
    assert (work_["Minuten"], work_["Stundensatz"], work_["Netto"]) == ("67", "132,00", "147,40")
    assert (rounding["Minuten"], rounding["Netto"]) == ("8", "17,60")
    assert (work_["Leistung von"], work_["Leistung bis"]) == ("24.11.2026", "24.11.2026")
    assert (work_["Entscheidung am"], work_["USt-Satz"], work_["USt-Kategorie"]) == ("24.11.2026 09:00", "19,00", "S")
    assert (work_["Bestellnummer"], work_["Bezeichnung"]) == ("'=4711", "'=HYPERLINK(1)")
    assert work_["Kostenhinweis"] == str(billed["offer"].number)


def test_both_files_say_the_same_and_add_up(billed):
    batch = exported(billed["batch"])
    found = document(batch)
    rows = table(batch)
    assert [str(line["line"]) for one in found["customers"] for line in one["lines"]] == [row["Zeile"] for row in rows]
    nets = [Decimal(row["Netto"].replace(",", ".")) for row in rows]
    assert [Decimal(line["net"]) for one in found["customers"] for line in one["lines"]] == nets
    assert [one["customer_name"] for one in found["customers"]] == ["Acme", "Borealis"]
    acme, borealis = (one["totals"] for one in found["customers"])
    vat = [{"category": "S", "percent": "19.00", "net": "165.00", "vat": "31.35", "gross": "196.35"}]
    assert acme == {"lines": 2, "minutes": 75, "net": "165.00", "vat": vat}
    assert (borealis["net"], borealis["vat"][0]["vat"]) == ("132.00", "25.08")
    assert found["totals"]["net"] == str(sum(nets)) == str(batch.net) == "297.00"
    assert found["totals"]["vat"][0] == {
        "category": "S", "percent": "19.00", "net": "297.00", "vat": "56.43", "gross": "353.43"
    }  # fmt: skip
    assert found["run"]["content_hash"] == batch.content_hash
    assert found["customers"][0]["lines"][0]["order_number"] == "=4711"


def test_exporting_again_gives_the_same_file_and_creates_nothing(billed):
    """INV-19."""
    batch = exported(billed["batch"])
    assert (batch.status, batch.stage, refresh(billed["entry"]).status) == ("exported", "", "exported")
    before = read(batch.csv_key), read(batch.json_key), lines(batch), audited()
    assert hashlib.sha256(before[0]).hexdigest() == batch.csv_sha256
    assert hashlib.sha256(before[1]).hexdigest() == batch.json_sha256
    batches.export_batch(batch, actor=biller(), now=berlin("2027-02-01 09:00"))
    assert batches.EXPORT not in [name for _id, name, _arguments in waiting_jobs()]
    again = fresh(batch)
    assert (again.csv_key, again.exported_at) == (batch.csv_key, batch.exported_at)
    assert (read(again.csv_key), read(again.json_key), lines(again), audited()) == before


def test_an_export_begun_again_writes_the_same_bytes_under_the_same_names(billed, monkeypatch):
    """A worker that dies after the files were written leaves nothing that counts, and nothing behind."""
    from klarfall.billing.runs import export

    def die(*_arguments, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export.workflow, "apply_entries", die)
        batches.export_batch(billed["batch"], actor=biller(), now=berlin("2027-01-04 12:00"))
        with pytest.raises(KeyboardInterrupt):
            export.export(billed["batch"].pk, now=berlin("2027-01-04 12:00"))
    half = fresh(billed["batch"])
    assert (half.status, refresh(billed["entry"]).status) == ("frozen", "locked")
    first = read(half.csv_key), read(half.json_key)
    run_jobs(batches.EXPORT)
    whole = fresh(half)
    assert whole.status == "exported"
    assert (whole.csv_key, whole.json_key) == (half.csv_key, half.json_key)
    assert (read(whole.csv_key), read(whole.json_key)) == first


def test_an_austrian_customer_pays_the_tax_itself(cast, make_ticket):
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(country="AT", vat_id="ATU12345678")
    concern = concern_of(make_ticket(now=clock("07:50")))
    accept(send(cast, concern, at=clock("08:40")), cast.astrid, at=clock("09:00"))
    work(cast, concern, "09:10", "10:10")
    batch = exported(frozen())
    (row,) = table(batch)
    assert (row["USt-Kategorie"], row["USt-Satz"], row["USt-IdNr."]) == ("AE", "0,00", "ATU12345678")
    vat = document(batch)["totals"]["vat"]
    assert vat == [{"category": "AE", "percent": "0.00", "net": "132.00", "vat": "0.00", "gross": "132.00"}]
    with viewing_as(SYSTEM):
        Customer.objects.filter(pk=cast.acme.pk).update(country="DE")
    work(cast, concern, "10:10", "10:40", day="2026-12-01")
    with viewing_as(SYSTEM):
        later = frozen(batch.ends_on.replace(month=12, day=31))
        assert {line.category for line in BillingLine.objects.filter(batch=later)} == {"AE"}
