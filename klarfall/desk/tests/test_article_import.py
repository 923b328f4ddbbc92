"""Packages of articles at the desk: a dry run first, the worker for large ones, stopped with nothing left half-done."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, text
from klarfall.knowledge.actions import packages
from klarfall.knowledge.importing import carrying
from klarfall.knowledge.models import Article, ArticleImport, Edition
from tests.cast import make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
ONE = b"---\nid: eins\ntitle: Erster Artikel\n---\n\n## So geht es\n\nText.\n"


@pytest.fixture
def ediths(desk_of):
    """An editor who is nothing else."""
    return desk_of(make_staff("Edith", "editor"))


def hand_in(client, cast, content, name="hilfe.zip", **also):
    given = {"product": cast.erp.pk, "kind": "knowledge", "visibility": "customers", "language": "de", **also}
    return client.post(at("article-import"), {**given, "file": SimpleUploadedFile(name, content)})


def folder(**files):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, words in files.items():
            archive.writestr(f"{name}.md", words)
    return content.getvalue()


def latest():
    with viewing_as(SYSTEM):
        return ArticleImport.objects.latest("pk")


def titles():
    with viewing_as(SYSTEM):
        return set(Edition.objects.values_list("title", flat=True))


def decide(client, step):
    return client.post(at("article-package-decision", latest().pk), {"do": step})


@pytest.fixture
def decided(ediths, django_capture_on_commit_callbacks):
    """Decides and has files deleted as after a commit."""

    def decide_and_commit(step):
        with django_capture_on_commit_callbacks(execute=True):
            return decide(ediths, step)

    return decide_and_commit


def test_a_small_package_is_imported_after_a_dry_run_without_the_worker(ediths, decided, cast):
    page = hand_in(ediths, cast, ONE, "eins.md")["Location"]
    assert "Erster Artikel" in text(ediths.get(page))
    with viewing_as(SYSTEM):
        assert not Article.objects.exists()
    key = latest().file_key
    decided("import")
    assert titles() == {"Erster Artikel"}
    assert latest().stage == "done"
    assert not default_storage.exists(key)
    decide(ediths, "import")
    assert "wartet darauf nicht mehr" in text(ediths.get(page)), "once"


def test_a_discarded_package_leaves_nothing(ediths, decided, cast):
    page = hand_in(ediths, cast, ONE, "eins.md")["Location"]
    key = latest().file_key
    decided("stop")
    assert "Nichts davon" in text(ediths.get(page))
    assert (titles(), default_storage.exists(key)) == (set(), False)


def test_the_worker_does_a_large_package_and_says_how_far_it_is(ediths, cast, monkeypatch):
    monkeypatch.setattr(carrying, "SMALL_FILES", 1)
    page = hand_in(ediths, cast, folder(eins="# Eins\n\nText.", zwei="# Zwei\n\n[Eins](eins.md)", leer=""))["Location"]
    assert "wird geprüft" in text(ediths.get(page))
    run_jobs()
    assert "leer.md" in text(ediths.get(page))
    assert titles() == set()
    decide(ediths, "import")
    assert "werden importiert" in text(ediths.get(page))
    assert titles() == set(), "nothing happens while somebody waits"
    run_jobs()
    run = latest()
    assert (run.stage, run.new, run.reached) == ("done", 2, 2)
    assert titles() == {"Eins", "Zwei"}
    assert ediths.get(f"{page}progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_small_table_of_many_articles_is_the_worker_s(ediths, cast):
    rows = "".join(f"a{number},Artikel {number},Text.\n" for number in range(26))
    hand_in(ediths, cast, f"id,title,body\n{rows}".encode(), "alle.csv")
    assert (latest().stage, latest().total) == ("checked", 26), "looking at it is a moment"
    decide(ediths, "import")
    assert (latest().stage, titles()) == ("importing", set())


def test_files_of_packages_that_no_run_names_go_after_a_while(ediths, cast):
    hand_in(ediths, cast, ONE, "eins.md")
    left = default_storage.save(f"{packages.FOLDER}/left", ContentFile(b"x"))
    soon, late = timezone.now(), timezone.now() + packages.UNDECIDED
    kept = latest().file_key
    for now, there in ((soon, True), (late + timedelta(minutes=1), False)):
        with viewing_as(SYSTEM):
            ArticleImport.objects.update(created_at=now)
            packages.discard_old(actor=User.objects.system(), now=now)
        assert (default_storage.exists(left), default_storage.exists(kept)) == (there, True)


def test_a_stopped_import_keeps_what_is_written_and_nothing_half_done(ediths, cast, monkeypatch):
    monkeypatch.setattr(carrying, "SMALL_FILES", 1)
    page = hand_in(ediths, cast, folder(a="# Eins\n\nText.", b="# Zwei\n\nText.", c="# Drei\n\nText."))["Location"]
    run_jobs()
    decide(ediths, "import")
    finish = carrying.running.Runner.finish

    def finish_and_stop(runner, step):
        packages.stop(latest(), actor=runner.actor, now=runner.now)
        return finish(runner, step)

    monkeypatch.setattr(carrying.running.Runner, "finish", finish_and_stop)
    run_jobs()
    assert titles() == {"Eins"}
    assert latest().stage == "stopped"
    assert "hinter 1 von 3 Artikeln" in text(ediths.get(page))


def test_a_worker_that_died_goes_on_behind_what_is_written(ediths, cast, monkeypatch):
    monkeypatch.setattr(carrying, "SMALL_FILES", 1)
    hand_in(ediths, cast, folder(a="# Eins\n\nText.", b="# Zwei\n\nText."))
    run_jobs()
    decide(ediths, "import")
    run = latest()
    finish, calls = carrying.running.Runner.finish, []

    def die_at_the_second(runner, step):
        calls.append(step.text.title)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return finish(runner, step)

    monkeypatch.setattr(carrying.running.Runner, "finish", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        carrying.write(run.pk, run.started_by_id, "de", now=run.created_at)
    assert (latest().reached, latest().new) == (1, 1)
    run_jobs()
    assert calls == ["Eins", "Zwei", "Zwei"]
    assert (latest().stage, latest().new) == ("done", 2)


def _many(number):
    return folder(**{f"x{one}": b"" for one in range(number)})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.zip", b"PK\x03\x04 not at all"),
        ("x.zip", _many(5_001)),
        ("x.zip", folder(bombe=b"\0" * 1_000)[:-30]),
        ("x.exe", b"MZ"),
        ("x.md", b""),
    ],
)
def test_what_is_no_package_is_refused_in_words(ediths, cast, name, content):
    response = hand_in(ediths, cast, content, name)
    assert response.status_code == 422
    with viewing_as(SYSTEM):
        assert not ArticleImport.objects.exists()


def test_members_that_lead_outside_or_are_no_text_are_named(ediths, cast):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../slip.md", "# Hinaus")
        archive.writestr("laut.md", b"# L\xe4rm\n\nText in Windows-1252.")
        archive.writestr("binaer.md", b"\x7fELF\0\0")
    page = hand_in(ediths, cast, content.getvalue())["Location"]
    shown = text(ediths.get(page))
    assert "slip.md" in shown
    assert "binaer.md" in shown
    assert "Lärm" in shown


def test_only_who_may_import_sees_packages(ediths, annas, cast):
    page = hand_in(ediths, cast, ONE, "eins.md")["Location"]
    assert annas.get(page).status_code == 404
    assert decide(annas, "import").status_code == 404
