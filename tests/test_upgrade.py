"""The database of an earlier release becomes today's: nothing is lost, words stay, rights are today's."""

from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.contracts.models import Contract
from klarfall.core import rights_check
from klarfall.core.isolation import SYSTEM, system_rows, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.owner import as_owner
from klarfall.customers.models import Contact, Customer
from klarfall.operations.checks.database import pending_migrations
from klarfall.operations.tests.houses import connected, empty_database
from tests.releases import RELEASES


def migrate_to(release: str):
    """Bring an empty database to a release; returns the models as they were then."""
    executor = MigrationExecutor(connection)
    ours = list(RELEASES[release].items())
    others = [one for one in executor.loader.graph.leaf_nodes() if one[0] not in {app.label for app in our_apps()}]
    state = executor.migrate([*ours, *others])
    return state.apps


def our_apps():
    return [app for app in apps.get_app_configs() if app.name.startswith("klarfall.")]


def fill(then) -> None:
    """A house as that release left it."""
    now, users = timezone.now(), then.get_model("accounts", "User")
    staff = users.objects.create(email="ada@vendor.example", name="Ada", kind="staff", staff_roles=["administrator"])
    person = users.objects.create(email="bert@kunde.example", name="Bert", kind="contact")
    own = {"portal_name": "Kundenwelt", "request_word": "Vorgang", "requests_word": "Vorgänge"}
    then.get_model("core", "VendorProfile").objects.create(pk=1, name="Kontor", **own)
    customer = then.get_model("customers", "Customer").objects.create(number="K-1", name="Kunde")
    then.get_model("customers", "Contact").objects.create(customer=customer, user=person, roles=["requester"])
    contract = {"number": "V-1", "kind": "service", "starts_on": date(2026, 1, 1)}
    then.get_model("contracts", "Contract").objects.create(customer=customer, **contract)
    entry = {"at": now, "verb": "x", "subject_type": "y", "subject_id": 1, "previous_hash": "0" * 64, "hash": "1" * 64}
    then.get_model("core", "AuditEntry").objects.create(actor=staff, **entry)


def secure_as_then(server) -> None:
    """Row-level security was on, with policies of that release; one of them said more than today's may."""
    with connected(server) as owner:
        for table in ("customers_contact", "contracts_contract", "customers_customer"):
            owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            owner.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            owner.execute(f"CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true)")
        owner.execute("CREATE POLICY portal_own ON customers_contact TO PUBLIC USING (true)")
        owner.execute("GRANT INSERT ON customers_contact TO PUBLIC")
        owner.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'old', '{}')")


@pytest.mark.parametrize("release", RELEASES)
def test_a_house_of_an_earlier_release_is_upgraded(release, database_server, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), empty_database(database_server):
        with as_owner():
            fill(migrate_to(release))
            assert pending_migrations()
        secure_as_then(database_server)
        call_command("migrate", verbosity=0, interactive=False)
        assert pending_migrations() == []
        assert rights_check.differences() == []
        check_contents()
        connections.close_all()


def check_contents() -> None:
    """Everything is there, words kept their meaning, and what is new has its default."""
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        profile = VendorProfile.objects.get()
        assert profile.words == {
            "portal": {"de": {"one": "Kundenwelt"}},
            "request": {"de": {"one": "Vorgang", "many": "Vorgänge"}},
        }
        assert profile.portal_name == "Kundenwelt"
        assert User.objects.get(email="ada@vendor.example").staff_roles == ["administrator"]
        assert Customer.objects.get().registration_policy == "specialist"
        assert system_rows(Contact).get().user.email == "bert@kunde.example"
        assert system_rows(Contract).get().number == "V-1"
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'old'")
        assert cursor.fetchone() == (1,)
