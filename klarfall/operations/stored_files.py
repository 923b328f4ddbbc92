"""Which files the database names: every column that holds the key of a file in the private store."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import models
from psycopg import sql

#: Columns called key that hold none of a file; of every other one we expect a file.
_OTHER_KEYS = {
    ("core_progress", "key"),
    ("channels_notice", "key"),
    ("account_emailconfirmation", "key"),
    ("django_session", "session_key"),
}


def columns() -> list[tuple[str, str]]:
    """(table, column) of everything that names a stored file."""
    found = {
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.CharField) and (field.name == "key" or field.name.endswith("_key"))
    }
    return sorted(found - _OTHER_KEYS)


def named_keys(connection: psycopg.Connection) -> set[str]:
    """Every key that a row names, as the owner's connection sees it now."""
    found: set[str] = set()
    for table, column in columns():
        names = {"column": sql.Identifier(column), "table": sql.Identifier(table)}
        query = sql.SQL("SELECT DISTINCT {column} FROM {table} WHERE {column} <> ''").format(**names)
        found.update(key for (key,) in connection.execute(query))
    return found


def stored() -> Iterator[tuple[str, Path]]:
    """Key and path of every file of the private store, sorted; what a restore put aside is no part of it."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        key = path.relative_to(root)
        if not key.parts[0].startswith(".") and path.is_file() and not path.is_symlink():
            yield key.as_posix(), path
