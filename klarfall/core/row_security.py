"""The net below isolation: roles, rights, policies and status guards in PostgreSQL.

Derived from the models and status tables and applied after every migration, so a new table can
not be forgotten: without its line here nobody but the owner can read it. `table_kind` and
`RIGHTS` are the table *role × table × right* that the tests compare with the catalogue.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

from klarfall.core.isolation import CustomerOwned, OwnedForeignKey
from klarfall.core.machines import machines
from klarfall.core.published import Published

ROLES = ("portal", "staff", "system")
_ALL = "SELECT, INSERT, UPDATE, DELETE"

#: kind of table -> rights of the login role ("app") and of the three group roles.
RIGHTS: dict[str, dict[str, str]] = {
    # Belongs to a customer: read through policies, written by actions only.
    "owned": {"portal": "SELECT", "staff": "SELECT", "system": _ALL},
    "owned_hidden": {"staff": "SELECT", "system": _ALL},
    # The vendor's own data that everybody may read: products, terms, calendars.
    "shared": {"app": "SELECT", "portal": "SELECT", "staff": "SELECT", "system": _ALL},
    # The same, changing too often to be kept in memory.
    "readable": {"app": "SELECT", "portal": "SELECT", "staff": "SELECT", "system": _ALL},
    # What the vendor shows to some: read through policies, by visitors without an account as well.
    "published": {"app": "SELECT", "portal": "SELECT", "staff": "SELECT", "system": _ALL},
    # The vendor's own data that only staff reads.
    "internal": {"staff": "SELECT", "system": _ALL},
    # People, sessions and sign-in: read before the scope is known.
    "identity": {"app": _ALL, "staff": "SELECT", "system": "SELECT, INSERT, UPDATE"},
    "sign_in": {"app": _ALL},
    # The queue: filled by actions, emptied by the worker.
    "jobs": {"app": _ALL, "staff": "SELECT", "system": _ALL},
    "migrations": {"app": "SELECT"},
}

_SINGLE_TABLES = {
    "core.progress": "jobs",
    "core.vendorprofile": "shared",
    "core.masterstamp": "shared",
    "knowledge.synonymgroup": "shared",
    **dict.fromkeys(("knowledge.word", "knowledge.term", "knowledge.indexstate"), "readable"),
}
_APPS = {
    "accounts": "identity",
    **dict.fromkeys(("contracts", "service_levels"), "shared"),
    **dict.fromkeys(("sessions", "account", "mfa", "axes", "contenttypes", "auth"), "sign_in"),
    "procrastinate": "jobs",
}

_IDS = "(SELECT string_to_array(nullif(current_setting('{0}', true), ''), ',')::bigint[])::bigint[]"


def ids(setting: str) -> str:
    """SQL for the ids in a transaction-local setting, evaluated once per statement."""
    return _IDS.format(f"klarfall.{setting}")


def is_owned(model: type[models.Model]) -> bool:
    """Does the model's table hold rows of customers?"""
    return issubclass(model, CustomerOwned) or model._meta.label_lower == "customers.customer"


def table_kind(model: type[models.Model]) -> str:
    """The line of RIGHTS for a model; KeyError-free: an unknown app is internal."""
    meta = model._meta
    if is_owned(model):
        return "owned" if getattr(model, "portal_sight", "") else "owned_hidden"
    if issubclass(model, Published):
        return "published"
    return _SINGLE_TABLES.get(meta.label_lower) or _APPS.get(meta.app_label, "internal")


def tables() -> dict[str, str]:
    """Every table that the product's database must have, with its kind."""
    found = {
        model._meta.db_table: table_kind(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    found["django_migrations"] = "migrations"
    return found


def owned_models() -> list[type[models.Model]]:
    """Every model whose rows belong to a customer."""
    return [m for m in apps.get_models() if is_owned(m) and m._meta.managed]


def published_models() -> list[type[models.Model]]:
    """Every model whose rows the vendor shows to some."""
    return [m for m in apps.get_models() if issubclass(m, Published) and m._meta.managed]


def portal_rule(model: type[models.Model]) -> str:
    """The policy of the portal role for one table, in SQL over its columns."""
    if model.portal_sight == "self_customer":  # type: ignore[attr-defined]
        return f"id = ANY ({ids('customers')})"
    mine = f"customer_id = ANY ({ids('customers')}) AND ({getattr(model, 'contacts_see_sql', 'true')})"
    return f"{mine}{_sight_rules(model._meta.db_table)[model.portal_sight]}"  # type: ignore[attr-defined]


def _sight_rules(table: str) -> dict[str, str]:
    """What each `portal_sight` adds to the customer, in SQL."""
    # The ticket's own policy answers here: what it hides, hides its rows as well.
    ticket = f"EXISTS (SELECT FROM tickets_ticket t WHERE t.id = {table}.ticket_id)"
    costs = f"customer_id = ANY ({ids('customers_costs')})"
    return {
        "customer": "",
        "self_ticket": f" AND ({_ticket_rule()})",
        "ticket": f" AND {ticket}",
        "contact": f" AND contact_id = ANY ({ids('contacts')})",
        "customer_admins": f" AND customer_id = ANY ({ids('customers_admin')})",
        "customer_costs": f" AND {costs}",
        "costs": f" AND ({costs} OR {ticket})",
    }


def _ticket_rule() -> str:
    return (
        f"contact_id = ANY ({ids('contacts')})"
        f" OR customer_id = ANY ({ids('customers_admin')})"
        f" OR (NOT confidential AND customer_id = ANY ({ids('customers_all')}))"
        f" OR (offered_at IS NOT NULL AND customer_id = ANY ({ids('customers_release')}))"
    )


def apply(connection: Any, login: str) -> None:
    """Bring roles, rights, policies, keys and guards of the database in line with the models.

    `connection` is the owner's; `login` is the restricted role as which the product connects.
    Can be repeated at any time.
    """
    database = connection.settings_dict["NAME"]
    names = {role: f"{database}_{role}" for role in ROLES}
    with connection.cursor() as cursor:
        for statement in (
            *_role_statements(names, login),
            *_person_statements(names, login),
            *_cost_statements(names),
            *_table_statements(names, login),
            *_procrastinate_statements(names, login),
            *(s for m in owned_models() for s in _policy_statements(m, names)),
            *(s for m in published_models() for s in _published_statements(m, names, login)),
            *(s for m in owned_models() for s in _key_statements(m)),
            *_guard_statements(),
            *_stamp_statements(),
        ):
            cursor.execute(statement)


def _role_statements(names: dict[str, str], login: str) -> Iterable[str]:
    for name in names.values():
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN"
            f' CREATE ROLE "{name}" NOLOGIN; END IF; END $$'
        )
        yield f'GRANT "{name}" TO "{login}"'
        yield f'GRANT USAGE ON SCHEMA public TO "{name}"'
    yield f'GRANT USAGE ON SCHEMA public TO "{login}"'


def _table_statements(names: dict[str, str], login: str) -> Iterable[str]:
    grantees = {"app": login, **names}
    for table, kind in sorted(tables().items()):
        yield f'REVOKE ALL ON "{table}" FROM PUBLIC'
        for role, grantee in grantees.items():
            yield f'REVOKE ALL ON "{table}" FROM "{grantee}"'
            if rights := RIGHTS[kind].get(role):
                yield f'GRANT {rights} ON "{table}" TO "{grantee}"'
    for grantee in (login, names["system"]):
        yield f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{grantee}"'


def _procrastinate_statements(names: dict[str, str], login: str) -> Iterable[str]:
    """The queue's tables have no Django models of their own that we could trust to be complete."""
    for grantee in (login, names["system"]):
        yield (
            "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%'"
            f" LOOP EXECUTE format('GRANT {_ALL} ON %I TO %I', t, '{grantee}'); END LOOP; END $$"
        )


def _policy_statements(model: type[models.Model], names: dict[str, str]) -> Iterable[str]:
    table = model._meta.db_table
    yield f'DROP POLICY IF EXISTS portal_own ON "{table}"'
    own = {}
    if model.portal_sight:  # type: ignore[attr-defined]
        own["portal_own"] = (f'"{names["portal"]}"', portal_rule(model))
    yield from _policies(table, names, own)


def _published_statements(model: type[models.Model], names: dict[str, str], login: str) -> Iterable[str]:
    rules = {
        "public_read": (f'"{login}"', model.public_sql),  # type: ignore[attr-defined]
        "portal_read": (f'"{names["portal"]}"', model.portal_sql),  # type: ignore[attr-defined]
    }
    yield from _policies(model._meta.db_table, names, rules)


def _policies(table: str, names: dict[str, str], more: dict[str, tuple[str, str]]) -> Iterable[str]:
    """Forced row-level security with these policies beside those of owner, staff and system."""
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    policies = {
        "owner_all": ("CURRENT_USER", "true"),
        "staff_all": (f'"{names["staff"]}"', "true"),
        "system_all": (f'"{names["system"]}"', "true"),
        **more,
    }
    for name, (role, rule) in policies.items():
        yield f'DROP POLICY IF EXISTS {name} ON "{table}"'
        yield f'CREATE POLICY {name} ON "{table}" TO {role} USING ({rule})'


def _key_statements(model: type[models.Model]) -> Iterable[str]:
    """Composite keys `(customer_id, x_id)`: rows of two customers can never be joined."""
    table = model._meta.db_table
    for field in model._meta.local_fields:
        if not isinstance(field, OwnedForeignKey):
            continue
        target = field.related_model._meta.db_table
        name = f"{table}_{field.column}_owned"[:63]
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{name}') THEN"
            f' ALTER TABLE "{table}" ADD CONSTRAINT "{name}"'
            f' FOREIGN KEY (customer_id, "{field.column}")'
            f' REFERENCES "{target}" (customer_id, id) DEFERRABLE INITIALLY DEFERRED;'
            " END IF; END $$"
        )


def _person_statements(names: dict[str, str], login: str) -> Iterable[str]:
    """A contact is no staff; who is who for the portal; the seats of a user before the scope."""
    yield (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint"
        " WHERE conname = 'contact_user_is_contact') THEN"
        " ALTER TABLE customers_contact ADD CONSTRAINT contact_user_is_contact"
        " FOREIGN KEY (user_id, user_kind) REFERENCES accounts_user (id, kind); END IF; END $$"
    )
    yield (
        "CREATE OR REPLACE VIEW public_person AS SELECT u.id, u.name, u.kind <> 'contact' AS is_staff"
        " FROM accounts_user u WHERE u.kind <> 'contact' OR EXISTS (SELECT FROM customers_contact c"
        f" WHERE c.user_id = u.id AND c.customer_id = ANY ({ids('customers')}))"
    )
    yield f'GRANT SELECT ON public_person TO "{names["portal"]}"'
    yield from _seat_statements(login)


def _cost_statements(names: dict[str, str]) -> Iterable[str]:
    """The numbers of billed offers for the portal."""
    # Whoever sees a customer's costs names a bill by its numbers, also where the request stays out of sight.
    yield (
        "CREATE OR REPLACE VIEW public_billed_offer WITH (security_barrier) AS SELECT o.id, o.number,"
        " t.number AS ticket_number FROM billing_costoffer o JOIN tickets_ticket t ON t.id = o.ticket_id"
        f" WHERE o.customer_id = ANY ({ids('customers_costs')})"
        " AND EXISTS (SELECT FROM billing_billingline l WHERE l.offer_id = o.id)"
    )
    yield f'GRANT SELECT ON public_billed_offer TO "{names["portal"]}"'


def _seat_statements(login: str) -> Iterable[str]:
    """The seats of a user, looked up before the scope is known."""
    # pg_temp comes last: otherwise a temporary table of the same name would answer with the owner's rights.
    yield "DROP FUNCTION IF EXISTS klarfall_seats(bigint, date)"  # its columns may have changed
    yield (
        "CREATE FUNCTION klarfall_seats(person bigint, today date) RETURNS TABLE"
        " (contact_id bigint, customer_id bigint, sees_all boolean, is_admin boolean,"
        " may_release boolean, sees_costs boolean) LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = public, pg_temp AS $$"
        " SELECT id, customer_id, visibility = 'all', 'customer_admin' = ANY (roles),"
        " 'cost_release' = ANY (roles) AND coalesce(release_from <= today, true)"
        " AND coalesce(release_to >= today, true), roles && ARRAY['customer_admin', 'billing_viewer']::varchar[]"
        " FROM customers_contact WHERE user_id = person AND is_active ORDER BY id $$"
    )
    yield "REVOKE ALL ON FUNCTION klarfall_seats(bigint, date) FROM PUBLIC"
    yield f'GRANT EXECUTE ON FUNCTION klarfall_seats(bigint, date) TO "{login}"'


def _guard_statements() -> Iterable[str]:
    """One trigger per status machine: a change that no row of its table allows is refused."""
    for machine in machines():
        table = apps.get_model(machine.model)._meta.db_table
        pairs = ", ".join(f"('{old}', '{new}')" for old, new in sorted(machine.pairs))
        initial = ", ".join(f"'{status}'" for status in sorted(machine.initial))
        yield (
            f"CREATE OR REPLACE FUNCTION {table}_status_guard() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN"
            f" IF TG_OP = 'INSERT' THEN IF NEW.status NOT IN ({initial}) THEN"
            " RAISE EXCEPTION 'a new row cannot be %', NEW.status USING ERRCODE = '23514'; END IF;"
            " ELSIF NEW.status IS DISTINCT FROM OLD.status"
            f" AND (OLD.status, NEW.status) NOT IN ({pairs}) THEN"
            " RAISE EXCEPTION 'no way from % to %', OLD.status, NEW.status"
            " USING ERRCODE = '23514'; END IF; RETURN NEW; END $$"
        )
        yield f'DROP TRIGGER IF EXISTS status_guard ON "{table}"'
        yield (
            f'CREATE TRIGGER status_guard BEFORE INSERT OR UPDATE OF status ON "{table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {table}_status_guard()"
        )


def _stamp_statements() -> Iterable[str]:
    """Every change of what processes keep in memory changes the stamp (`core/master_data.py`)."""
    # With the owner's rights: whoever may change such a table need not know of the stamp.
    yield (
        "CREATE OR REPLACE FUNCTION klarfall_new_stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        " SET search_path = public, pg_temp AS $$ BEGIN"
        " INSERT INTO core_masterstamp (id, version) VALUES (1, gen_random_uuid())"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version; RETURN NULL; END $$"
    )
    for table in sorted(name for name, kind in tables().items() if kind == "shared" and name != "core_masterstamp"):
        yield f'DROP TRIGGER IF EXISTS new_stamp ON "{table}"'
        yield (
            f'CREATE TRIGGER new_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            " FOR EACH STATEMENT EXECUTE FUNCTION klarfall_new_stamp()"
        )
    # Lists of staff are kept; sign-ins and contacts change nothing about them.
    yield "DROP TRIGGER IF EXISTS new_stamp ON accounts_user"
    yield (
        "CREATE TRIGGER new_stamp AFTER INSERT OR UPDATE OF name, kind, staff_roles, is_active ON accounts_user"
        " FOR EACH ROW WHEN (NEW.kind = 'staff') EXECUTE FUNCTION klarfall_new_stamp()"
    )
