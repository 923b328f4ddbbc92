"""The full export: every table and file of Acme's story, nothing secret, one moment, private, and gone after 7 days."""

import csv
import hashlib
import re
from datetime import timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from klarfall.accounts.models import User
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.customers.models import Customer
from klarfall.tickets.models import Attachment
from klarfall.transfer import leftovers
from klarfall.transfer.actions import exports
from klarfall.transfer.exports import archive
from klarfall.transfer.exports.archive import as_text, write_archive
from klarfall.transfer.exports.describe import as_markdown
from klarfall.transfer.exports.lists import as_csv
from klarfall.transfer.exports.tables import LEFT_OUT, NO_SECRETS, TABLES, is_left_out
from klarfall.transfer.models import HouseExport, ImportKind
from klarfall.transfer.tests.tables import NOW, counts, imported
from tests.cast import make_staff
from tests.queue import run_jobs

SECRET = re.compile(r"hash|token|secret|passw|key|code|salt|session|browser")
MODELS = [model._meta.label for model in apps.get_models(include_auto_created=True)]
#: Tables that Acme's story leaves empty, and why.
EMPTY = {
    "channels": "the cast's products have no ways of contact of their own",
    "self_audits": "the clock makes them",
    "mail_texts": "the vendor's own words are none of Acme's",
    "vat_rates": "the story bills with the rate of the profile",
    "calendar_days": "the cast's calendar has no own days",
    "product_links": "the cast's products are not linked",
    "terms_item_products": "the cast's clauses count for every product",
    "request_kinds": "the cast has no tiles",
}


def written(**options):
    target = BytesIO()
    found = write_archive(target, now=options.get("now", NOW), tell=options.get("tell", lambda _done, _total: None))
    return ZipFile(target), found


def rows_of(house, name):
    text = house.read(f"tables/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=";"))


@pytest.fixture
def admin(cast):
    with viewing_as(SYSTEM):
        return make_staff("Ada", "administrator")


@pytest.mark.parametrize("label", MODELS)
def test_every_model_is_exported_or_left_out_with_a_reason(label):
    assert (label in {one.label for one in TABLES}) != is_left_out(label)


def test_nothing_is_left_out_that_does_not_exist():
    known = {*MODELS, *(label.partition(".")[0] for label in MODELS)}
    assert [name for name in LEFT_OUT if name not in known] == []
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_that_sound_like_secrets_are_kept_back_or_explained(table):
    names = {one.column for one in table.model._meta.concrete_fields}
    assert set(table.without) <= names
    assert [one for one in table.columns if SECRET.search(one) and one not in NO_SECRETS] == []


def test_the_page_of_the_documentation_is_made_from_the_tables():
    assert (settings.BASE_DIR / "docs" / "export.md").read_text(encoding="utf-8") == as_markdown()


def test_the_archive_holds_the_whole_story_and_proves_it(acme_story):
    told = []
    house, found = written(tell=lambda done, total: told.append((done, total)))
    empty = {one.name for one in TABLES if not found.rows[one.name]}
    assert empty - set(EMPTY) == set()
    for table in TABLES:
        rows = rows_of(house, table.name)
        assert len(rows) == found.rows[table.name]
        assert not rows or list(rows[0]) == table.columns
        ids = [int(row["id"]) for row in rows]
        assert ids == sorted(ids)
    acme = next(row for row in rows_of(house, "customers") if row["number"] == acme_story.cast.acme.number)
    assert acme["name"] == "Acme"
    sums = dict(line.split("  ")[::-1] for line in house.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(house.namelist()) - {"SHA256SUMS"}
    assert all(hashlib.sha256(house.read(path)).hexdigest() == digest for path, digest in sums.items())
    assert told[0] == (0, sum(found.rows.values()) + len(rows_of(house, "files")))
    assert "customers.csv" in house.read("README.txt").decode()


def test_every_file_is_in_the_archive_under_its_name(acme_story):
    house, found = written()
    files = rows_of(house, "files")
    assert {row["folder"] for row in files} >= {"attachments", "service_records", "billing_runs_csv"}
    assert found.faults == []
    assert found.files == len(files)
    for row in files:
        assert hashlib.sha256(house.read(row["path"])).hexdigest() == row["sha256"]
    assert {row["path"] for row in files} == {name for name in house.namelist() if name.startswith("files/")}


def test_nothing_secret_is_in_the_archive(acme_story):
    house, _found = written()
    whole = b"".join(house.read(name) for name in house.namelist())
    with viewing_as(SYSTEM):
        secrets = [one.password for one in User.objects.all() if one.has_usable_password()]
    secrets += [acme_story.things["token"], hashlib.sha256(acme_story.things["token"].encode()).hexdigest()]
    assert len(secrets) > 1
    assert [one for one in secrets if one.encode() in whole] == []


def test_the_same_house_gives_the_same_archive(acme_story):
    first, second = BytesIO(), BytesIO()
    for target in (first, second):
        write_archive(target, now=NOW, tell=lambda _done, _total: None)
    assert first.getvalue() == second.getvalue()


class _Damaged:
    """A store in which one file is not what was stored and another is gone."""

    def __init__(self, changed, gone):
        self._changed, self._gone = changed, gone

    def open(self, key, mode):
        if key == self._gone:
            raise FileNotFoundError(key)
        return BytesIO(b"something else") if key == self._changed else default_storage.open(key, mode)


def test_a_missing_or_changed_file_is_named_and_the_rest_exported(acme_story, monkeypatch):
    with viewing_as(SYSTEM):
        changed, gone, *_others = Attachment.objects.order_by("pk")
    monkeypatch.setattr(archive, "default_storage", _Damaged(changed.key, gone.key))
    house, found = written()
    assert [fault.rpartition(": ")[2] for fault in found.faults] == ["not what was stored", "missing"]
    assert found.files == len(rows_of(house, "files")) - 1 > 1
    assert all(fault in house.read("README.txt").decode() for fault in found.faults)


def test_cells_cannot_become_formulas_and_files_cannot_leave_their_folder():
    assert as_text("=1+1") == "'=1+1"
    assert as_text([{"b": 1, "a": "ü"}]) == '[{"a": "ü", "b": 1}]'
    for name in ("../../etc/passwd", "..\\..\\x", "/root", "a\x00b", "...", "C:\\x.exe"):
        path = archive._path(7, name, archive.FILES[1])
        assert path.startswith("7")
        assert not set(path) & set("/\\:\x00")


def test_the_archive_shows_one_moment(committed_db, owner_connection):
    with viewing_as(SYSTEM):
        make_staff("Ada", "administrator")

    def meanwhile(done, _total):
        if done == 0:
            owner_connection.execute(
                "INSERT INTO customers_customer (number, name, mail_domains, street, postal_code, city, country,"
                " vat_id, billing_email, buyer_reference, dpa_reference, release_policy, registration_policy,"
                " requires_proved_mail, created_at)"
                " VALUES ('77', 'Later', '{}', '', '', '', 'DE', '', '', '', '', 'named', 'specialist', false, now())"
            )

    house, _found = written(tell=meanwhile)
    assert rows_of(house, "customers") == []
    with viewing_as(SYSTEM):
        assert Customer.objects.filter(number="77").exists()


def test_an_administrator_has_it_written_takes_it_and_it_goes_after_seven_days(
    admin, client, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(admin)
    client.post("/desk/settings/export/")
    run_jobs(exports.WRITE)
    with viewing_as(SYSTEM):
        export = HouseExport.objects.get()
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs[-2:] == ["house_export.started", "house_export.finished"]
    answer = client.get(f"/desk/settings/export/{export.pk}/file/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == export.file_hash
    assert len(content) == export.size
    assert answer["Content-Disposition"].startswith("attachment")
    with viewing_as(SYSTEM):
        entry = AuditEntry.objects.order_by("pk").last()
        assert (entry.verb, entry.actor) == ("house_export.downloaded", admin)
        with django_capture_on_commit_callbacks(execute=True):
            exports.remove_old(actor=User.objects.system(), now=export.created_at + timedelta(days=8))
    assert not default_storage.exists(export.file_key)
    assert client.get(f"/desk/settings/export/{export.pk}/file/").status_code == 303


def test_only_administrators_export(cast, admin, client):
    for person in (cast.anna, cast.dora):
        with pytest.raises(NotAllowed):
            exports.start_export(actor=person, now=NOW)
        client.force_login(person)
        for path in ("", "1/file/", "1/progress/", "lists/customers/"):
            assert client.get(f"/desk/settings/export/{path}").status_code == 404
    exports.start_export(actor=admin, now=NOW)
    with pytest.raises(exports.ExportRefused):
        exports.start_export(actor=admin, now=NOW)


def test_the_command_writes_a_private_archive_and_overwrites_nothing(cast, tmp_path, capsys):
    path = tmp_path / "house.zip"
    call_command("export_house", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "tables/customers.csv" in ZipFile(path).namelist()
    with pytest.raises(CommandError, match="there already"):
        call_command("export_house", path)
    with pytest.raises(CommandError, match="path"):
        call_command("export_house")


def test_leftovers_go_after_a_day_and_nothing_else(cast, admin, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lost = default_storage.save("exports/lost.zip", BytesIO(b"x"))
    kept = default_storage.save("exports/kept.zip", BytesIO(b"x"))
    with viewing_as(SYSTEM):
        HouseExport.objects.create(started_by=admin, created_at=NOW, file_key=kept)
        young = default_storage.get_modified_time(lost)
        assert leftovers.remove(young) == 0
        assert leftovers.remove(young + timedelta(days=2)) == 1
    assert default_storage.exists(kept)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", ImportKind.values)
def test_lists_come_back_unchanged(acme_story, kind, language):
    with viewing_as(SYSTEM):
        admin = make_staff("Ada", "administrator")
        content = as_csv(kind, language)
        run = imported(kind, BytesIO(content), admin)
        found = counts(run)
    assert found == {"added": 0, "changed": 0, "skipped": 0, "unchanged": run.rows}
    assert run.rows
    assert run.unknown_columns == []
