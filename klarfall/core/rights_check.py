"""Is the net of `row_security.py` whole? Compares roles, rights, policies, keys and guards with the catalogue.

Everybody may read the catalogue, so this works as the login role. Each function yields what differs, in short English
words that name tables and roles; nothing when all is as the models say.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from klarfall.core import row_security
from klarfall.core.isolation import OwnedForeignKey
from klarfall.core.machines import machines
from klarfall.core.row_security import RIGHTS, ROLES, owned_models, published_models, tables

_QUEUE = "procrastinate_"
_POWER = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolinherit, rolcanlogin FROM pg_roles WHERE rolname = %s"
_RIGHTS = (
    "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee"
    " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND r.rolname = %s"
)
_TO_ALL = (
    "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a"
    " WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = 'public'::regnamespace AND a.grantee = 0"
)


def differences() -> list[str]:
    """Everything that differs."""
    return [
        *wrong_roles(),
        *(one for role in grantees() for one in wrong_rights(role)),
        *wrong_policies(),
        *missing_keys(),
        *wrong_guards(),
        *unknown_tables(),
    ]


def grantees() -> dict[str, str]:
    """Our names of the roles -> the names in the database."""
    database = connection.settings_dict["NAME"]
    return {"app": connection.settings_dict["USER"], **{role: f"{database}_{role}" for role in ROLES}}


def wrong_roles() -> Iterator[str]:
    """Group roles that are missing, can sign in or pass policies; a login role that has power of its own."""
    for role, name in grantees().items():
        found = _rows(_POWER, name)
        if not found:
            yield f"role {name} is missing"
            continue
        is_super, passes, creates, inherits, signs_in = found[0]
        if is_super or passes:
            yield f"role {name} is a superuser or passes row-level security"
        if role == "app" and (inherits or creates):
            yield f"login role {name} inherits rights or creates roles"
        if role != "app" and signs_in:
            yield f"group role {name} can sign in"


def wrong_rights(role: str) -> Iterator[str]:
    """Tables on which a role may more or less than RIGHTS says; the queue's own tables may be more than we know."""
    found: dict[str, set[str]] = {}
    for table, privilege in _rows(_RIGHTS, grantees()[role]):
        found.setdefault(table, set()).add(privilege)
    for table, kind in sorted(tables().items()):
        wanted = set(RIGHTS[kind][role].split(", ")) if role in RIGHTS[kind] else set()
        if not table.startswith(_QUEUE) and found.get(table, set()) != wanted:
            yield f"{role} may {_named(found.get(table))} on {table}, expected {_named(wanted)}"
    for table in sorted(set(found) - set(tables())):
        if not table.startswith(_QUEUE) or role == "portal":
            yield f"{role} may {_named(found[table])} on {table}, which is not ours"
    if role == "app":
        yield from (f"everybody may read {table}" for (table,) in _rows(_TO_ALL))


def wrong_policies() -> Iterator[str]:
    """Tables of customers without forced row-level security, or with other policies than the four."""
    secured = dict(_rows("SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relkind = 'r'"))
    policies: dict[str, dict[str, str]] = {}
    for table, name, rule in _rows("SELECT tablename, policyname, coalesce(qual, '') FROM pg_policies"):
        policies.setdefault(table, {})[name] = rule
    for model in owned_models():
        table = model._meta.db_table
        if not secured.get(table):
            yield f"{table} is not under forced row-level security"
        seen: bool = bool(model.portal_sight)  # type: ignore[attr-defined]
        wanted = {"owner_all", "staff_all", "system_all"} | ({"portal_own"} if seen else set())
        rules = policies.get(table, {})
        if set(rules) != wanted:
            yield f"{table} has the policies {_named(set(rules))}, expected {_named(wanted)}"
        elif seen and "klarfall.customers" not in rules["portal_own"]:
            yield f"the policy portal_own of {table} does not ask for the customer"
    for model in published_models():
        yield from _wrong_published(model._meta.db_table, secured, policies)


def _wrong_published(table: str, secured: dict[str, bool], policies: dict[str, dict[str, str]]) -> Iterator[str]:
    """The same for a table of what is shown to some."""
    if not secured.get(table):
        yield f"{table} is not under forced row-level security"
    wanted = {"owner_all", "staff_all", "system_all", "public_read", "portal_read"}
    rules = policies.get(table, {})
    if set(rules) != wanted:
        yield f"{table} has the policies {_named(set(rules))}, expected {_named(wanted)}"
    for name in ("public_read", "portal_read"):
        if rules.get(name) == "true":
            yield f"the policy {name} of {table} shows everything"


def missing_keys() -> Iterator[str]:
    """Composite keys that are not there: without them rows of two customers could be joined."""
    found = {name for (name,) in _rows("SELECT conname FROM pg_constraint WHERE contype = 'f'")}
    for model in owned_models():
        for field in model._meta.local_fields:
            name = f"{model._meta.db_table}_{field.column}_owned"[:63]
            if isinstance(field, OwnedForeignKey) and name not in found:
                yield f"key {name} is missing"


def wrong_guards() -> Iterator[str]:
    """Status tables whose trigger is missing, switched off or knows other ways than the table."""
    sources = dict(_rows("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE %s", "%\\_status\\_guard"))
    query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'status_guard' AND tgenabled = 'O'"
    active = {table for (table,) in _rows(query)}
    for machine in machines():
        table = apps.get_model(machine.model)._meta.db_table
        source = sources.get(f"{table}_status_guard", "")
        if table not in active or any(f"('{old}', '{new}')" not in source for old, new in machine.pairs):
            yield f"the status guard of {table} is missing, switched off or out of date"


def unknown_tables() -> Iterator[str]:
    """Tables that no model of ours describes: nobody says who may read them."""
    known = set(row_security.tables())
    for (table,) in _rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"):
        if table not in known and not table.startswith(_QUEUE):
            yield f"table {table} is not ours"


def _named(words: set[str] | None) -> str:
    return ", ".join(sorted(words or ())) or "nothing"


def _rows(query: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(parameters) or None)
        return cursor.fetchall()
