"""Changes made past the product, as somebody with the rights of the owner would make them, and taken back again."""

import json
from contextlib import contextmanager

from django.core.files.storage import default_storage
from psycopg import sql


class Owner:
    """Changes rows as the owner of the tables, with the triggers out of the way, and takes the change back."""

    def __init__(self, connection):
        self.connection = connection

    def run(self, table, statement, *parameters):
        names = {"table": sql.Identifier(table)}
        with self.connection.transaction():
            self.connection.execute(sql.SQL("ALTER TABLE {table} DISABLE TRIGGER USER").format(**names))
            self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            found = self.connection.execute(sql.SQL(statement).format(**names), parameters)
            rows = found.fetchall() if found.description else []
            self.connection.execute(sql.SQL("ALTER TABLE {table} ENABLE TRIGGER USER").format(**names))
        return rows

    @contextmanager
    def changed(self, table, pk, column, value):
        """One column of one row says something else."""
        ((before,),) = self.run(table, f"SELECT to_jsonb({column}) FROM {{table}} WHERE id = %s", pk)
        kind = self.connection.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            [table, column.strip('"')],
        ).fetchone()[0]
        self.run(table, f"UPDATE {{table}} SET {column} = ({value})::{kind} WHERE id = %s", pk)
        yield
        text = json.dumps(before) if kind == "jsonb" else before
        self.run(table, f"UPDATE {{table}} SET {column} = %s::{kind} WHERE id = %s", text, pk)

    @contextmanager
    def removed(self, table, pk):
        """A row is gone."""
        ((row,),) = self.run(table, "SELECT to_jsonb(t) FROM {table} t WHERE id = %s", pk)
        self.run(table, "DELETE FROM {table} WHERE id = %s", pk)
        yield
        self.run(
            table, "INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)", json.dumps(row)
        )

    @contextmanager
    def doubled(self, table, pk, **other):
        """A row is there twice, the second time with `other` values."""
        copied = "to_jsonb(t) || jsonb_build_object('id', t.id + 90000) || %s::jsonb"
        self.run(
            table,
            f"INSERT INTO {{table}} SELECT (jsonb_populate_record(NULL::{{table}}, {copied})).* FROM {{table}} t"
            " WHERE t.id = %s",
            json.dumps(other),
            pk,
        )
        yield
        self.run(table, "DELETE FROM {table} WHERE id = %s", pk + 90000)


@contextmanager
def other_file(key):
    """A stored file has other bytes."""
    path = default_storage.path(key)
    with open(path, "rb") as file:
        before = file.read()
    with open(path, "ab") as file:
        file.write(b"x")
    yield
    with open(path, "wb") as file:
        file.write(before)


def first(owner, table, where="true", column="id"):
    return owner.execute(f"SELECT {column} FROM {table} WHERE {where} ORDER BY id LIMIT 1").fetchone()[0]


_NO_HASH = f"'{'0' * 64}'"
_FOUND = "jsonb_set({}, string_to_array('{}', '.'), '\"1.00\"')"
#: What is changed: name, table, row, column, new value in SQL, and the invariants whose checks must speak.
CHANGES = (
    ("acceptance of another text", "billing_customerdecision", "decision", "text_hash", _NO_HASH, {1}),
    ("acceptance after the work", "billing_customerdecision", "decision", "at", "'2026-11-24 12:00+00'", {1, 19}),
    ("late acceptance", "billing_costoffer", "offer", "valid_until", "'2026-11-23'", {1}),
    ("text of the offer", "billing_costoffer", "offer", "canonical_text", "'anders'", {1}),
    ("cap below the bill", "billing_costoffer", "offer", "cap_minutes", "10", {4, 19}),
    ("free, but offered", "billing_costoffer", "offer of the free one", "status", "'accepted'", {8}),
    ("free, but billed", "tickets_assessment", "assessment", "outcome", "'covered'", {8, 19, 29}),
    ("a cent more", "billing_billingline", "line", "net", "net + 0.01", {19, 21, 29}),
    ("a shorter entry", "billing_timeentry", "entry", "raw_end", "raw_end - interval '10 minutes'", {19}),
    ("less goodwill", "billing_goodwill", "goodwill", "minutes", "1", {19}),
    ("another sum of the run", "billing_billingbatch", "batch", "net", "net + 1", {19}),
    ("another hash of the run", "billing_billingbatch", "batch", "content_hash", _NO_HASH, {29}),
    ("another history", "tickets_ticketevent", "event", "kind", "'anders'", {29}),
    ("another anchor", "tickets_anchoredhead", "head", "hash", _NO_HASH, {29}),
    ("another audit entry", "core_auditentry", "audit entry", "verb", "'anders'", {29}),
    ("another buyer", "billing_invoice", "invoice", "buyer", "to_jsonb('x'::text)", {29}),
    ("another sum of the record", "billing_servicerecord", "record", "net", "net + 1", {30}),
    ("another record", "billing_servicerecord", "record", "content",
     _FOUND.format("content", "concerns.0.net"), {21, 29, 30}),
    ("other facts of the record", "billing_servicerecord", "record", "inputs",
     _FOUND.format("inputs", "concerns.0.facts.offers.0.rate"), {29, 30}),
)  # fmt: skip


def rows_of(owner):
    """The rows that are tampered with, all of the concern that was billed, unless their name says otherwise."""
    line = first(owner, "billing_billingline")
    offer = first(owner, "billing_billingline", column="offer_id")
    concern = f"concern_id = {first(owner, 'billing_billingline', column='concern_id')}"
    return {
        "line": line,
        "offer": offer,
        "decision": first(owner, "billing_customerdecision", f"offer_id = {offer}"),
        "entry": first(owner, "billing_timeentry", concern),
        "assessment": first(owner, "tickets_assessment", concern),
        "goodwill": first(owner, "billing_goodwill", concern),
        "lock": first(owner, "billing_timelock", concern),
        "offer of the free one": first(owner, "billing_costoffer", "status = 'withdrawn'"),
        "waiting": first(owner, "billing_unbilled", "since > '2026-12-01'"),
        "batch": first(owner, "billing_billingbatch"),
        "record": first(owner, "billing_servicerecord"),
        "invoice": first(owner, "billing_invoice"),
        "event": first(owner, "tickets_ticketevent"),
        "head": first(owner, "tickets_anchoredhead"),
        "audit entry": first(owner, "core_auditentry"),
    }


def tamperings(owner):
    """Everything that is tried: what was done, the invariants whose checks must speak, and the change itself."""
    change, rows = Owner(owner), rows_of(owner)
    for name, table, row, column, value, invariants in CHANGES:
        yield name, invariants, change.changed(table, rows[row], column, value)
    yield "a line twice", {19, 21, 29}, change.doubled("billing_billingline", rows["line"])
    yield "a line gone", {19, 21, 29}, change.removed("billing_billingline", rows["line"])
    yield "a lock twice", {19}, change.doubled("billing_timelock", rows["lock"], start="2026-11-24T08:11:00+00:00")
    yield "a lock gone", {19}, change.removed("billing_timelock", rows["lock"])
    yield "forgotten work", {19}, change.removed("billing_unbilled", rows["waiting"])
    for name, table, column, invariants in (
        ("another table", "billing_billingbatch", "csv_key", {19}),
        ("another data file", "billing_billingbatch", "json_key", {19}),
        ("another document", "billing_servicerecord", "pdf_key", {29}),
        ("another invoice", "billing_invoice", "pdf_key", {29}),
    ):
        yield name, invariants, other_file(first(owner, table, column=column))
