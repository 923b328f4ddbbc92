"""The net in the database is complete: every table, every role, every key, every status."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from klarfall.core import rights_check, row_security
from klarfall.core.isolation import NOBODY, SYSTEM, CustomerOwned, NoViewer, OwnedForeignKey, viewing_as
from klarfall.core.machines import machines
from klarfall.core.row_security import RIGHTS, ROLES, owned_models, table_kind

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def rows(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall()


@pytest.mark.parametrize("role", ["app", *ROLES])
def test_every_role_has_exactly_the_rights_of_the_table(role):
    assert list(rights_check.wrong_rights(role)) == []


def test_every_table_of_the_database_is_known():
    assert list(rights_check.unknown_tables()) == []


def test_no_role_has_power_of_its_own():
    assert list(rights_check.wrong_roles()) == []


def test_every_customer_owned_table_is_under_forced_row_security_with_its_policies():
    assert list(rights_check.wrong_policies()) == []


def test_what_differs_is_named(owner_connection, monkeypatch):
    """The checks themselves, over a database that was changed: each names what it is about."""
    changes = [
        ("REVOKE SELECT ON tickets_ticket FROM {portal}", "portal may nothing on tickets_ticket"),
        ("GRANT INSERT ON tickets_message TO {portal}", "portal may INSERT, SELECT on tickets_message"),
        ("GRANT SELECT ON core_auditentry TO PUBLIC", "everybody may read core_auditentry"),
        ("DROP POLICY portal_own ON tickets_concern", "tickets_concern has the policies"),
        ("ALTER TABLE tickets_upload NO FORCE ROW LEVEL SECURITY", "tickets_upload is not under forced"),
        (
            "ALTER TABLE tickets_message DROP CONSTRAINT tickets_message_ticket_id_owned",
            "tickets_message_ticket_id_owned",
        ),
        ("ALTER TABLE tickets_ticket DISABLE TRIGGER status_guard", "status guard of tickets_ticket"),
        ("CREATE TABLE forgotten (id int)", "table forgotten is not ours"),
    ]
    with owner_connection.transaction(force_rollback=True):
        for statement, _words in changes:
            owner_connection.execute(statement.format(portal=f'"{rights_check.grantees()["portal"]}"'))
        with monkeypatch.context() as patch:
            patch.setattr(rights_check, "_rows", lambda query, *values: look(owner_connection, query, values))
            found = rights_check.differences()
    assert [words for _change, words in changes if not any(words in one for one in found)] == []
    assert len(found) == len(changes)
    assert rights_check.differences() == []


def look(owner, query, values):
    return owner.execute(query, list(values) or None).fetchall()


OWNED = [model for model in owned_models() if model._meta.model_name != "customer"]


@pytest.mark.parametrize("model", OWNED, ids=lambda m: m.__name__)
def test_every_customer_owned_table_has_an_index_that_begins_with_the_customer(model):
    leading = rows(
        "SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE c.relname = %s AND i.indpred IS NULL",
        model._meta.db_table,
    )
    assert ("customer_id",) in leading


def test_every_key_between_customer_owned_rows_is_composite():
    missing = []
    for model in owned_models():
        for field in model._meta.local_fields:
            target = field.related_model
            if not target or not row_security.is_owned(target) or target._meta.model_name == "customer":
                continue
            if not isinstance(field, OwnedForeignKey):
                missing.append(f"{model.__name__}.{field.name} is no OwnedForeignKey")
    assert [*missing, *rights_check.missing_keys()] == []


#: The vendor's own tables that name a customer once it is known whose they are: no contact ever reads them.
_OUT_OF_REACH = {"IncomingMail", "Call"}


def test_every_model_with_a_way_to_a_customer_is_customer_owned():
    stray = [
        model.__name__
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.related_model and row_security.is_owned(field.related_model) and not issubclass(model, CustomerOwned)
    ]
    assert set(stray) == _OUT_OF_REACH
    kinds = {row_security.table_kind(model) for model in apps.get_models() if model.__name__ in _OUT_OF_REACH}
    assert {role for kind in kinds for role in row_security.RIGHTS[kind]} == {"staff", "system"}


def test_an_unknown_app_is_out_of_reach_for_customers():
    assert "portal" not in RIGHTS["internal"]
    assert table_kind(apps.get_model("core", "AuditEntry")) == "internal"


@pytest.mark.parametrize("model", owned_models(), ids=lambda m: m.__name__)
def test_without_a_scope_the_login_role_reads_nothing_of_a_customer(model):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{model._meta.db_table}" LIMIT 1')


@pytest.mark.parametrize("model", owned_models(), ids=lambda m: m.__name__)
def test_without_a_viewer_a_query_is_an_error_and_nobody_sees_nothing(model):
    with pytest.raises(NoViewer):
        model.objects.count()
    with viewing_as(NOBODY):
        assert list(model.objects.all()) == []


@pytest.mark.parametrize("machine", machines(), ids=lambda m: m.model)
def test_the_database_refuses_every_status_change_that_no_row_allows(machine):
    table = apps.get_model(machine.model)._meta.db_table
    (source,) = rows("SELECT prosrc FROM pg_proc WHERE proname = %s", f"{table}_status_guard")[0]
    allowed = {pair for pair in machine.pairs if f"('{pair[0]}', '{pair[1]}')" in source}
    assert allowed == machine.pairs
    assert source.count("', '") >= len(machine.pairs)
    assert rows("SELECT 1 FROM pg_trigger WHERE tgname = 'status_guard' AND tgrelid = %s::regclass", table)


def test_the_scope_ends_with_its_block_on_the_same_connection():
    with viewing_as(SYSTEM):
        assert rows("SELECT count(*) FROM tickets_ticket")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows("SELECT count(*) FROM tickets_ticket")


def test_applying_the_rules_again_changes_nothing(django_db_blocker):
    policies = "SELECT tablename, policyname, roles::text, qual FROM pg_policies ORDER BY 1, 2"
    before = rows(policies)
    assert before
    assert [r for r in before if r[1] == "portal_own" and "klarfall.customers" not in r[3]] == []


def test_a_temporary_table_cannot_forge_seats(cast):
    """The function that runs with the owner's rights must not look into what anybody may create."""
    with viewing_as(NOBODY), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE customers_contact AS SELECT 1::bigint AS id, 1::bigint AS customer_id,"
            " 'all'::text AS visibility, ARRAY['customer_admin']::text[] AS roles, NULL::date AS release_from,"
            " NULL::date AS release_to, 987654321::bigint AS user_id, true AS is_active"
        )
        cursor.execute("GRANT SELECT ON pg_temp.customers_contact TO PUBLIC")
        cursor.execute("SELECT * FROM klarfall_seats(987654321, '2026-11-24')")
        assert cursor.fetchall() == []
