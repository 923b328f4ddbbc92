"""The cast a second time: its rows by a few statements, for writing them one by one takes longer than most tests."""

import pickle
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection, models

from klarfall.accounts.models import User
from klarfall.contracts.models import (
    Area,
    CatalogueItem,
    Contract,
    ContractLine,
    Product,
    ProductVersion,
    RateCardLine,
    RequestKind,
    TermsVersion,
)
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Contact, Customer
from klarfall.service_levels.models import OwnDay, ResponseTarget, ServiceCalendar, ServiceInterval

#: In an order in which triggers accept them: nothing is added to terms that are published.
_MODELS: tuple[type[models.Model], ...] = (
    VendorProfile, ServiceCalendar, ServiceInterval, OwnDay, ResponseTarget, Product, Product.linked.through, Area,
    ProductVersion, RequestKind, User, Customer, Contact, Contract, ContractLine, CatalogueItem, RateCardLine,
    TermsVersion,
)  # fmt: skip
#: By database: the rows of each table, and the pickled cast.
_kept: dict[str, tuple[list[tuple[str, str]], bytes]] = {}


def again(make: Callable[[], Any]) -> Any:
    """What `make` writes into an empty database: the first time by calling it, afterwards by copying its rows.

    The copy has the numbers of the first; they were taken from sequences, which no rollback gives back.
    """
    cache.clear()  # profile and calendars are remembered there
    name = connection.settings_dict["NAME"]
    if name not in _kept:
        made = make()
        _kept[name] = (_rows(), pickle.dumps(made))
        return made
    rows, pickled = _kept[name]
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        for table, content in rows:
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", %s)', [content]
            )
    return pickle.loads(pickled)  # noqa: S301 - our own


def _rows() -> list[tuple[str, str]]:
    with viewing_as(SYSTEM), connection.cursor() as cursor:
        found = []
        for model in _MODELS:
            table = model._meta.db_table
            but = " WHERE kind <> 'system'" if model is User else ""
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t{but}')
            (content,) = cursor.fetchone()
            if content:
                found.append((table, content))
        return found
