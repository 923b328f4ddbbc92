"""Imports at the desk: templates, form, dry run, who may see it, and what the documentation says."""

from io import BytesIO

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.customers.models import Customer
from klarfall.transfer.actions import imports
from klarfall.transfer.imports.cells import plain
from klarfall.transfer.imports.columns import COLUMNS
from klarfall.transfer.imports.describe import as_markdown
from klarfall.transfer.imports.rows import heading_of
from klarfall.transfer.imports.templates import csv_template, xlsx_template
from klarfall.transfer.models import ImportProblem
from klarfall.transfer.reading.tables import open_table
from klarfall.transfer.tests.tables import as_csv
from tests.cast import make_staff
from tests.queue import run_jobs
from tests.test_query_budget import BUDGET, queries_of

CUSTOMERS = ["Kundennummer", "Name", "E-Mail-Domains", "PLZ", "Ort", "AVV vom", "AVV"]


@pytest.fixture
def admin(cast):
    with viewing_as(SYSTEM):
        return make_staff("Ada", "administrator")


def test_the_page_of_the_documentation_is_made_from_the_columns():
    assert (django_settings.BASE_DIR / "docs" / "import.md").read_text(encoding="utf-8") == as_markdown()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(COLUMNS))
def test_templates_can_be_read_and_their_examples_are_remarks(kind, form, language):
    content = {"csv": csv_template, "xlsx": xlsx_template}[form](kind, language)
    table = open_table(BytesIO(content))
    heading = heading_of(kind, table.heading)
    assert (heading.unknown, len(heading.columns)) == ([], len(COLUMNS[kind]))
    assert list(table.lines) == []


@pytest.mark.parametrize(
    "column", [(kind, one) for kind in COLUMNS for one in COLUMNS[kind]], ids=lambda one: one[1].name
)
def test_examples_and_words_of_columns_mean_something(column):
    _kind, one = column
    if one.example:
        assert one.read(plain(one.example)) not in (None, "")
    for language in ("de", "en"):
        for word in one.choices(language):
            assert one.read(word)
        assert len(one.choices(language)) == len({*one.words.values()})


def test_the_page_shows_what_would_happen_and_imports_it(admin, client):
    client.force_login(admin)
    client.cookies["django_language"] = "en"
    table = as_csv(CUSTOMERS, ["10", "Zehn", "", "", "", "", ""], ["11", "", "", "", "", "", ""])
    table.name = "Kunden.csv"
    answer = client.post("/desk/settings/imports/", {"kind": "customers", "file": table})
    assert answer.status_code == 303
    page = client.get(answer.url).content.decode()
    assert "hx-trigger" in page
    assert client.get(f"{answer.url}progress/", headers={"HX-Request": "true"}).status_code == 200
    run_jobs(imports.CHECK)
    page = client.get(answer.url).content.decode()
    assert "Import 1 row" in page
    assert "Something new needs this." in page
    skipped = client.get(f"{answer.url}skipped/")
    assert skipped.content.decode("utf-8-sig").splitlines()[1] == "3;Name;;Something new needs this."
    client.post(f"{answer.url}decision/", {"step": "import"})
    run_jobs(imports.WRITE)
    with viewing_as(SYSTEM):
        assert Customer.objects.get(number="10").name == "Zehn"
    assert client.get(answer.url).status_code == 200
    assert client.post(f"{answer.url}decision/", {"step": "nonsense"}).status_code == 404


@pytest.mark.parametrize("given", [{"kind": ""}, {"kind": "customers"}, {"kind": "nonsense", "file": as_csv(["x"])}])
def test_a_form_without_a_table_says_so(admin, client, given):
    client.force_login(admin)
    assert client.post("/desk/settings/imports/", given).status_code == 422


def test_an_empty_file_and_a_large_one_are_refused_at_the_form(admin, client, monkeypatch):
    client.force_login(admin)
    monkeypatch.setattr(imports, "MAX_BYTES", 40)
    for content in (b"", b"x" * 41):
        file = SimpleUploadedFile("x.csv", content)
        answer = client.post("/desk/settings/imports/", {"kind": "customers", "file": file})
        assert answer.status_code == 422


def test_who_is_no_lead_finds_no_imports(cast, client):
    client.force_login(cast.anna)
    for path in ("", "1/", "1/skipped/", "1/invitations/", "1/progress/", "templates/customers/csv/"):
        assert client.get(f"/desk/settings/imports/{path}").status_code == 404


def test_pages_of_imports_and_exports_ask_little(acme_story):
    with viewing_as(SYSTEM):
        admin = make_staff("Ada", "administrator")
        run = acme_story.things["import"]
        ImportProblem.objects.bulk_create(ImportProblem(run=run, line=n, reason="x") for n in range(300))
    for path in ("imports/", f"imports/{run.pk}/", "export/"):
        assert len(queries_of(admin, f"/desk/settings/{path}")) <= BUDGET
