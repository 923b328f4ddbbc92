"""From the demo to an own house: everything invented goes, what the product stands on stays, nobody else is hit."""

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client, override_settings
from psycopg import sql

from klarfall.accounts.models import User
from klarfall.core import vendor
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Customer
from klarfall.demo import seed as demo
from klarfall.demo.emptying import empty_demo, is_wanted, mark
from klarfall.demo.seed import NoDemoHere
from klarfall.tickets.actions.submit import NewRequest, submit
from tests.cast import NOW, make_cast

PASSWORD = "Ein langer Satz 7"


@pytest.fixture
def folder(tmp_path):
    """Files and mails of a copy of its own."""
    with override_settings(DATA_DIR=tmp_path, MEDIA_ROOT=tmp_path / "files"):
        yield tmp_path


@pytest.fixture
def cast(committed_db, folder):
    """Vendor, customers, people and a request, committed, in a database that says it is a demo."""
    cast = make_cast()
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(is_demo=True)
    wish = NewRequest(product=cast.erp, title="Saldo", description="Er stimmt nicht.", impact="hindered")
    submit(cast.bernd, request=wish, actor=cast.bernd.user, now=NOW)
    default_storage.save("2026-11-24/brief.pdf", ContentFile(b"%PDF"))
    (folder / "mails").mkdir()
    (folder / "mails" / "20261124T120000000000-00000000.eml").write_text("Subject: Hallo")
    vendor.forget()
    return cast


def contents(connection) -> dict[str, int]:
    """How many rows each table holds, and where each sequence stands."""
    names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    counts = {
        name: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()[0]
        for name in names
    }
    rows = connection.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
    found = counts | dict(rows)
    return {name: value for name, value in found.items() if not name.startswith("procrastinate")}


@pytest.fixture
def untouched(database_server, owner_connection):
    """What a database holds after the migrations."""
    with database_server.connect(database_server.owner, f"{settings.DATABASE['NAME']}_base") as base:
        return contents(base)


def test_an_emptied_demo_is_as_after_the_migrations(cast, untouched, owner_connection):
    assert contents(owner_connection) != untouched
    empty_demo()
    stamp = {"core_masterstamp": 1}
    assert contents(owner_connection) | stamp == untouched | stamp
    with viewing_as(SYSTEM):
        assert list(User.objects.values_list("kind", flat=True)) == ["system"]
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'doing'"
    assert owner_connection.execute(waiting).fetchone()[0] == 0


def test_files_and_mails_of_the_demo_go(cast, folder):
    empty_demo()
    assert demo.stored_files() == set()
    assert list((folder / "mails").iterdir()) == []


def test_no_demo_is_written_again_by_itself(cast, capsys):
    assert is_wanted()
    empty_demo()
    assert not is_wanted()
    call_command("seed_demo", if_empty=True)
    with viewing_as(SYSTEM):
        assert not Customer.objects.exists()
        assert not VendorProfile.objects.exists()


def test_the_variable_keeps_a_database_empty(committed_db, folder):
    with override_settings(DEMO=False):
        call_command("seed_demo", if_empty=True)
    with viewing_as(SYSTEM):
        assert not VendorProfile.objects.exists()


def test_nothing_but_a_demo_is_emptied(cast):
    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(is_demo=False)
    with pytest.raises(NoDemoHere):
        empty_demo()
    vendor.forget()
    assert Client().get("/account/setup/own-house/").status_code == 404
    assert Client().post("/account/setup/own-house/", {"remove": "yes"}).status_code == 404
    with override_settings(DEMO_ALLOWED=False), pytest.raises(NoDemoHere):
        empty_demo()
    with viewing_as(SYSTEM):
        assert Customer.objects.exists()


def test_a_demo_that_others_can_reach_is_not_emptied_from_a_page(cast):
    with override_settings(DEMO_ALLOWED=False):
        assert Client().post("/account/setup/own-house/", {"remove": "yes"}).status_code == 404
    with viewing_as(SYSTEM):
        assert Customer.objects.exists()
    assert not mark().exists()


def test_from_the_page_of_the_demo_to_the_desk_of_an_own_house(cast):
    visitor, anna = Client(), Client()
    anna.force_login(cast.anna)
    assert anna.get("/desk/lists/mine/").status_code == 200
    assert "/account/setup/own-house/" in visitor.get("/account/login/").content.decode()
    assert visitor.get("/account/setup/").status_code == 404  # people are there: nobody founds anything
    assert visitor.post("/account/setup/own-house/", {}).status_code == 200
    with viewing_as(SYSTEM):
        assert Customer.objects.exists()
    answer = anna.post("/account/setup/own-house/", {"remove": "yes"})
    assert (answer.status_code, answer["Location"]) == (303, "/account/setup/")
    assert anna.get("/desk/lists/mine/").status_code == 302  # her session is gone
    assert visitor.get("/account/login/")["Location"] == "/account/setup/"
    founded = visitor.post(
        "/account/setup/",
        {"vendor_name": "Nordlicht", "name": "Nora Nord", "email": "Nora@nordlicht.example",
         "password1": PASSWORD, "password2": PASSWORD},
    )  # fmt: skip
    assert (founded.status_code, founded["Location"]) == (303, "/desk/setup/")
    assert visitor.get("/desk/settings/").status_code == 200
    assert "Nordlicht" in visitor.get("/account/me/").content.decode()
