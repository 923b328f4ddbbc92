"""The drill: a house is backed up and restored, and is the same; whatever is wrong is refused and changes nothing."""

import io
import re
import shutil
import tarfile
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations import archive, backup, programs, stored_files
from klarfall.operations.models import Backup
from klarfall.operations.tests.houses import connected, contents, empty_database, facts
from klarfall.tickets.models import Attachment

pytestmark = pytest.mark.server


def made(folder: Path, **options) -> tuple[Path, str]:
    """Back up by the command; the newest archive and what was said."""
    out = io.StringIO()
    call_command("backup", to=folder, stdout=out, **options)
    return max(folder.glob("klarfall-*.tar")), out.getvalue()


def proofs() -> None:
    """Histories and books are proved; both raise when anything is wrong."""
    call_command("verify_chains", stdout=io.StringIO())
    call_command("self_audit", stdout=io.StringIO())


def test_a_restored_house_is_the_same_house(house, database_server, settings, tmp_path):
    before, files = facts(database_server), contents(house)
    assert "procrastinate_jobs': 0" not in before["rows"], "the queue has to come back, too"
    assert len(files) > 2
    path, said = made(tmp_path / "backups")
    assert f"{len(files)} files" in said
    assert path.stat().st_mode & 0o777 == 0o600
    with viewing_as(SYSTEM):
        assert Backup.objects.latest("pk").name == path.name
    with empty_database(database_server):
        settings.MEDIA_ROOT = tmp_path / "restored"
        out = io.StringIO()
        call_command("restore", path, stdout=out)
        assert "verify_chains" in out.getvalue()
        assert facts(database_server) == before
        assert contents(settings.MEDIA_ROOT) == files
        proofs()


def test_what_is_there_is_only_lost_when_that_is_wanted(house, database_server, tmp_path):
    before = facts(database_server)
    path, _said = made(tmp_path / "backups")
    with connected(database_server) as owner:
        owner.execute("INSERT INTO django_content_type (app_label, model) VALUES ('later', 'x')")
    (house / "later").write_bytes(b"later")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", path)
    assert facts(database_server)["rows"] != before["rows"]
    call_command("restore", path, replace=True, stdout=io.StringIO())
    assert facts(database_server)["rows"] == before["rows"]
    assert not (house / "later").exists()
    assert [one.name for one in house.iterdir() if one.name.startswith(".")] == []


def spoiled(path: Path, member: str, tmp_path: Path) -> Path:
    """A copy of the archive in which one byte of a member is another."""
    copy = tmp_path / f"spoiled-{member[:5]}.tar"
    shutil.copy(path, copy)
    with tarfile.open(copy) as tar:
        one = tar.getmember(member) if member == archive.DUMP else next(m for m in tar if m.name.startswith(member))
    with copy.open("r+b") as file:
        file.seek(one.offset_data + one.size // 2)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    return copy


def test_a_damaged_archive_changes_nothing(house, database_server, tmp_path):
    path, _said = made(tmp_path / "backups")
    cut = tmp_path / "cut.tar"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    before, files = facts(database_server), contents(house)
    for wrong, words in [
        (spoiled(path, archive.DUMP, tmp_path), "database.dump is damaged"),
        (spoiled(path, archive.FILES, tmp_path), "files/.* is damaged"),
        (cut, "no complete backup"),
        (tmp_path / "none.tar", "No such file"),
    ]:
        with pytest.raises(CommandError, match=words):
            call_command("restore", wrong, replace=True)
    assert facts(database_server) == before
    assert contents(house) == files


def test_a_failing_restore_brings_everything_back(house, database_server, tmp_path, monkeypatch):
    path, _said = made(tmp_path / "backups")
    before, files = facts(database_server), contents(house)
    monkeypatch.setattr("klarfall.operations.restore.row_counts", lambda _owner: {"tickets_ticket": 0})
    with pytest.raises(CommandError, match="as before"):
        call_command("restore", path, replace=True)
    assert facts(database_server) == before
    assert contents(house) == files


def test_an_archive_of_a_newer_version_or_server_is_refused(house, tmp_path, monkeypatch):
    path, _said = made(tmp_path / "backups")
    major = programs.major_of
    monkeypatch.setattr(programs, "major_of", lambda owner: major(owner) - 1)
    with pytest.raises(CommandError, match="or newer"):
        call_command("restore", path, replace=True)
    monkeypatch.setattr(programs, "major_of", major)
    manifest = archive.Reader(path).manifest
    manifest.migrations["tickets"].append("9999_of_tomorrow")
    monkeypatch.setattr(archive.Reader, "manifest", manifest, raising=False)
    monkeypatch.setattr(archive.Reader, "__init__", lambda _self, _path: None)
    monkeypatch.setattr(archive.Reader, "close", lambda _self: None)
    with pytest.raises(CommandError, match="9999_of_tomorrow"):
        call_command("restore", path, replace=True)


def test_nothing_is_restored_while_somebody_is_connected(house, database_server, tmp_path):
    path, _said = made(tmp_path / "backups")
    somebody = database_server.connect(database_server.login, connection.settings_dict["NAME"])
    with somebody, pytest.raises(CommandError, match="stop Klarfall"):
        call_command("restore", path, replace=True)


def test_a_missing_file_is_said_and_old_archives_stay(house, tmp_path):
    made(tmp_path / "backups")
    with viewing_as(SYSTEM):
        key = Attachment.objects.values_list("key", flat=True).first()
    (house / key).unlink()
    with pytest.raises(CommandError, match=re.escape(key)):
        made(tmp_path / "backups", keep=1)
    assert len(list((tmp_path / "backups").glob("*.tar"))) == 2
    with viewing_as(SYSTEM):
        assert Backup.objects.order_by("-pk").first().missing == 1


def test_only_the_newest_are_kept_and_nothing_half_stays(house, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    first, _said = made(folder)
    (folder / ".klarfall-x.tar.part").write_bytes(b"half")
    second, said = made(folder, keep=1)
    assert first.name in said
    assert [one.name for one in folder.iterdir() if one.name != ".lock"] == [second.name]

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Writer, "add_file", full)
    with pytest.raises(CommandError, match="is full"):
        made(folder)
    assert [one.name for one in folder.iterdir() if one.name != ".lock"] == [second.name]


def test_a_dump_that_fails_or_would_lack_rows_is_no_backup(house, database_server, tmp_path, monkeypatch):
    with connected(database_server) as owner:
        owner.execute("DROP POLICY owner_all ON tickets_ticket")
    with pytest.raises(CommandError, match="tickets_ticket"):
        made(tmp_path / "backups")
    call_command("migrate", verbosity=0)
    monkeypatch.setattr(programs, "find", lambda *_args: Path("/bin/false"))
    with pytest.raises(CommandError, match="pg_dump failed"):
        made(tmp_path / "backups")
    monkeypatch.undo()
    monkeypatch.setattr(programs, "major_of", lambda _owner: 7)
    with pytest.raises(CommandError, match="postgresql-client-7"):
        made(tmp_path / "backups")
    assert list((tmp_path / "backups").glob("*klarfall*")) == []


def test_without_the_owner_or_a_server_it_says_what_to_do(house, settings, tmp_path):
    owner = settings.DATABASE_OWNER
    settings.DATABASE_OWNER = owner | {"HOST": "127.0.0.1", "PORT": "1"}
    with pytest.raises(CommandError, match="cannot be reached"):
        made(tmp_path / "backups")
    settings.DATABASE_OWNER = None
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        made(tmp_path / "backups")


def test_an_archive_cannot_write_outside_of_the_store(house, database_server, tmp_path):
    path, _said = made(tmp_path / "backups")
    reader, evil = archive.Reader(path), tmp_path / "evil.tar"
    with evil.open("w+b") as file:
        writer = archive.Writer(file)
        writer.add_stream(archive.DUMP, io.BytesIO(b"".join(reader.chunks(archive.DUMP))))
        writer.add_stream("files/../../outside", io.BytesIO(b"x"))
        writer.finish(reader.manifest)
    with pytest.raises(CommandError, match="outside of the store"):
        call_command("restore", evil, replace=True)
    assert not (tmp_path / "outside").exists()


def test_every_file_that_the_product_stores_is_expected():
    known = {("tickets_attachment", "key"), ("billing_invoice", "xml_key"), ("core_vendorprofile", "logo_key")}
    assert known < set(stored_files.columns())
    assert [model for model in apps.get_models() for f in model._meta.fields if isinstance(f, models.FileField)] == []


def test_two_backups_at_once_are_one(house, tmp_path):
    with backup._only_one(tmp_path / "backups"), pytest.raises(CommandError, match="Another backup"):
        made(tmp_path / "backups")
