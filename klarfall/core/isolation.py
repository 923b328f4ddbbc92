"""Who may see whose data: the only module that knows the rule (INV-25).

A *viewer* is in force during every request, job and command. Without one, a query on
customer-owned data raises `NoViewer`; with one, the manager narrows the rows and
PostgreSQL narrows them a second time through row-level security (`row_security.py`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from klarfall.core import master_data, renamed_texts
from klarfall.core.single_rows import SingleRows


class NoViewer(Exception):
    """A query on customer-owned data ran without a viewer: a programming error, never a leak."""


class ViewerKind(Enum):
    """The four kinds of sight. The value is the suffix of the database role, if it has one."""

    CONTACT = "portal"
    STAFF = "staff"
    SYSTEM = "system"
    NOBODY = ""


@dataclass(frozen=True)
class Seat:
    """One contact of the viewer: the person in one customer, with what it may see there."""

    contact_id: int
    customer_id: int
    sees_all: bool = False
    is_admin: bool = False
    may_release: bool = False
    sees_costs: bool = False


@dataclass(frozen=True)
class Viewer:
    """On whose behalf rows are read. Immutable, cheap to build, holds ids only."""

    kind: ViewerKind
    user_id: int | None = None
    seats: tuple[Seat, ...] = field(default=())

    @property
    def sees_everything(self) -> bool:
        """Staff and the system see the rows of every customer."""
        return self.kind in (ViewerKind.STAFF, ViewerKind.SYSTEM)

    @property
    def contact_ids(self) -> list[int]:
        return [seat.contact_id for seat in self.seats]

    @property
    def customer_ids(self) -> list[int]:
        return sorted({seat.customer_id for seat in self.seats})

    def customers_where(self, right: str) -> list[int]:
        """Customers in which a seat has `right` (sees_all, is_admin, may_release, sees_costs)."""
        return sorted({seat.customer_id for seat in self.seats if getattr(seat, right)})

    def sees_tickets(self, prefix: str = "") -> Q:
        """The tickets a contact sees (domain.md, sections 7 and 13.2), as a filter behind `prefix`.

        Own ones; all of the customer for its admin; those that are not confidential where
        visibility says *all*; and for cost release those with a cost offer.
        """
        rule = Q(**{f"{prefix}contact_id__in": self.contact_ids})
        if admin := self.customers_where("is_admin"):
            rule |= Q(**{f"{prefix}customer_id__in": admin})
        if everything := self.customers_where("sees_all"):
            rule |= Q(**{f"{prefix}customer_id__in": everything, f"{prefix}confidential": False})
        if release := self.customers_where("may_release"):
            rule |= Q(**{f"{prefix}customer_id__in": release, f"{prefix}offered_at__isnull": False})
        return rule

    def sees_ticket(self, ticket: Any) -> bool:
        """The same rule for one ticket in memory."""
        customer = ticket.customer_id
        return (
            ticket.contact_id in self.contact_ids
            or customer in self.customers_where("is_admin")
            or (not ticket.confidential and customer in self.customers_where("sees_all"))
            or (ticket.offered_at is not None and customer in self.customers_where("may_release"))
        )

    def settings(self, actor_id: int | None, request_id: str) -> list[tuple[str, str]]:
        """The transaction-local settings that the policies and triggers of PostgreSQL read."""
        role = f"{connection.settings_dict['NAME']}_{self.kind.value}" if self.kind.value else "none"
        return [
            ("role", role),
            ("klarfall.customers", _joined(self.customer_ids)),
            ("klarfall.contacts", _joined(self.contact_ids)),
            ("klarfall.customers_all", _joined(self.customers_where("sees_all"))),
            ("klarfall.customers_admin", _joined(self.customers_where("is_admin"))),
            ("klarfall.customers_release", _joined(self.customers_where("may_release"))),
            ("klarfall.customers_costs", _joined(self.customers_where("sees_costs"))),
            ("klarfall.actor", "" if actor_id is None else str(actor_id)),
            ("klarfall.request", request_id),
        ]


def _joined(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


SYSTEM = Viewer(ViewerKind.SYSTEM)
NOBODY = Viewer(ViewerKind.NOBODY)

_current: ContextVar[Viewer | None] = ContextVar("klarfall_viewer", default=None)
_actor: ContextVar[int | None] = ContextVar("klarfall_actor", default=None)
_request: ContextVar[str] = ContextVar("klarfall_request", default="")
#: What the innermost scope has set; nothing outside of scopes.
_in_force: ContextVar["_InForce | None"] = ContextVar("klarfall_settings", default=None)


@dataclass
class _InForce:
    """What a scope has set, the connection of PostgreSQL in which it has, and whether it is over.

    A context may be handed on: to a thread, which has a connection of its own, or to what runs when the scope is over
    and its connection serves somebody else.
    """

    connection: Any
    settings: list[tuple[str, str]]
    is_over: bool = False


def current_viewer() -> Viewer | None:
    """The viewer in force, or None outside `viewing_as`."""
    return _current.get()


@contextmanager
def viewing_as(viewer: Viewer, *, actor_id: int | None = None, fresh: bool = False) -> Iterator[Viewer]:
    """Open a transaction in which rows are read on behalf of `viewer`.

    The scope is one `set_config` statement, local to the transaction, so a pooled connection
    never keeps it. Nested scopes set what differs and restore it; an error rolls back to the savepoint.
    `actor_id` is the user who acts (triggers read it); without it the outer actor stays.
    `fresh` asks for the stamp of master data in the same statement: at the beginning of a request or job.
    """
    outer = _current.get()
    outer_actor, request_id = _actor.get(), _request.get() or uuid4().hex
    actor_id = actor_id if actor_id is not None else (outer_actor or viewer.user_id)
    nested = connection.in_atomic_block
    before, settings = _settings_in_force(), viewer.settings(actor_id, request_id)
    with transaction.atomic():
        viewer_token, actor_token = _current.set(viewer), _actor.set(actor_id)
        mine = _InForce(connection.connection, settings)
        request_token, settings_token = _request.set(request_id), _in_force.set(mine)
        try:
            _configure(settings, before, fresh=fresh)
            yield viewer
        finally:
            mine.is_over = True
            _current.reset(viewer_token)
            _actor.reset(actor_token)
            _request.reset(request_token)
            _in_force.reset(settings_token)
        # Only reached without an error: COMMIT and ROLLBACK TO restore the settings by themselves.
        if nested and not connection.needs_rollback:
            _configure(before or (outer or NOBODY).settings(outer_actor, request_id), before and settings)


def _settings_in_force() -> list[tuple[str, str]] | None:
    """What a scope around this one has set in this very transaction; None where nothing is known of it."""
    known = _in_force.get() if connection.in_atomic_block else None
    if known is None or known.is_over or known.connection is not connection.connection:
        return None
    return known.settings


@contextmanager
def describing_for(viewer: Viewer | None) -> Iterator[None]:
    """Describe querysets for `viewer` without asking anything: the scope of the database stays as it is."""
    token = _current.set(viewer)
    try:
        yield
    finally:
        _current.reset(token)


def _configure(
    settings: list[tuple[str, str]], before: list[tuple[str, str]] | None = None, *, fresh: bool = False
) -> None:
    """Put the settings in force: all of them, or those that differ from what is in force already (`before`)."""
    changed = [pair for pair in settings if pair not in before] if before else settings
    columns = ["set_config(%s, %s, true)"] * len(changed) + [f"({master_data.STAMP})"] * fresh
    if not columns:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", [part for pair in changed for part in pair])
        if fresh:
            master_data.keep(cursor.fetchone()[-1])
            renamed_texts.refresh(master_data.stamp(), _words)


def _words() -> Any:
    """The vendor's words; read here only, as the profile's model needs this module."""
    from klarfall.core import vendor

    return vendor.current().words


def viewer_for(user: Any, today: date) -> Viewer:
    """The viewer of a signed-in user; asked with the login role, before the scope opens.

    One statement for contacts (their seats), none for staff. Unknown or inactive: NOBODY.
    """
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    if user.kind == "staff":
        return Viewer(ViewerKind.STAFF, user.pk)
    if user.kind != "contact":
        return NOBODY
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM klarfall_seats(%s::bigint, %s::date)", [user.pk, today])
        return Viewer(ViewerKind.CONTACT, user.pk, tuple(Seat(*seat) for seat in cursor.fetchall()))


def viewer_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Open the scope of the signed-in user around the view; sign-in pages run without one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.session.get("_")  # read the session now: in the scope its table is out of reach
        viewer = NOBODY
        if not request.path.startswith("/account/"):
            viewer = viewer_for(request.user, timezone.localdate())
        request.viewer = viewer  # type: ignore[attr-defined]
        with viewing_as(viewer, fresh=True):
            response = get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
            return response

    return middleware


class CustomerOwnedManager(models.Manager[Any]):
    """Narrows every query to what the viewer in force may see."""

    def get_queryset(self) -> models.QuerySet[Any]:
        viewer = _current.get()
        if viewer is None:
            raise NoViewer(f"{self.model.__name__} queried outside viewing_as(...)")
        rows = super().get_queryset()
        if viewer.sees_everything:
            return rows
        if viewer.kind is ViewerKind.NOBODY or not self.model.portal_sight:
            return rows.none()
        return rows.filter(self.model.visible_to(viewer))


class CustomerOwned(SingleRows):
    """Abstract base of every row that belongs to one customer.

    `customer` stands on the row itself, so that policies, composite keys and indexes need no
    join. `portal_sight` says by which rule contacts see the row: through the `ticket`, as its
    own `contact`, as anyone of the `customer`, as its admin (`customer_admins`), as who sees the customer's costs
    (`customer_costs`; `costs`: or through the ticket), or never (empty). `contacts_see` narrows further.
    """

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+")

    portal_sight: ClassVar[str] = "ticket"
    contacts_see: ClassVar[Q] = Q()
    #: The same as `contacts_see` for the policy of PostgreSQL, in SQL over the row's columns.
    contacts_see_sql: ClassVar[str] = "true"

    objects = CustomerOwnedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """The rows of this table which the contact `viewer` sees."""
        rule = Q(customer_id__in=viewer.customer_ids) & cls.contacts_see
        match cls.portal_sight:
            case "ticket":
                return rule & viewer.sees_tickets("ticket__")
            case "self_ticket":
                return rule & viewer.sees_tickets()
            case "contact":
                return rule & Q(contact_id__in=viewer.contact_ids)
            case "customer_admins" | "customer_costs":
                right = {"customer_admins": "is_admin", "customer_costs": "sees_costs"}[cls.portal_sight]
                return rule & Q(customer_id__in=viewer.customers_where(right))
            case "costs":
                # A subquery: a join would drop the rows of tickets that somebody with sight of costs does not see.
                tickets: models.QuerySet[Any] = models.QuerySet(cls._meta.get_field("ticket").related_model)
                costs = Q(customer_id__in=viewer.customers_where("sees_costs"))
                return rule & (costs | Q(ticket__in=tickets.filter(viewer.sees_tickets()).values("pk")))
            case _:
                return rule


class OwnedForeignKey(models.ForeignKey[Any, Any]):
    """A key to another customer-owned row.

    The database holds it as a composite key `(customer_id, x_id)`, so rows of two customers can
    never be joined, not even inside an action; `row_security.py` creates that constraint.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.setdefault("db_constraint", False)
        super().__init__(to, on_delete, **kwargs)


def system_rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """Rows of `model` for code that must already run as SYSTEM; refuses any other viewer."""
    viewer = _current.get()
    if viewer is None or viewer.kind is not ViewerKind.SYSTEM:
        raise NoViewer(f"{model.__name__} is for actions, jobs and commands only")
    return model._default_manager.all()


__all__ = [
    "NOBODY",
    "SYSTEM",
    "CustomerOwned",
    "CustomerOwnedManager",
    "NoViewer",
    "OwnedForeignKey",
    "Seat",
    "Viewer",
    "ViewerKind",
    "current_viewer",
    "describing_for",
    "system_rows",
    "viewer_for",
    "viewer_middleware",
    "viewing_as",
]
