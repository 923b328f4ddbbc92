"""
The cast: the people, companies and products that all tests share, with fixed relations.

*Anna* (specialist) and *Dora* (lead) work for the vendor. *Bernd* asks and *Astrid* releases costs at Acme, *Clara*
works for Borealis and must never see anything of Acme. Whoever needs more uses `make_contact`, `make_customer` and
`make_ticket`, with only the arguments that matter.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.plugin import blocking_manager_key

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import (
    Area,
    CatalogueItem,
    Contract,
    ContractLine,
    Product,
    ProductVersion,
    RequestKind,
    TermsVersion,
)
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.customers.models import Contact, Customer
from klarfall.service_levels.models import OwnDay, ResponseTarget, ServiceCalendar, ServiceInterval
from klarfall.tickets.actions.submit import NewRequest, submit
from klarfall.tickets.models import Concern, Ticket
from tests.catalogue import make_terms
from tests.database import SERVERS

_CAST = "cast"  # the database beside that of the process in which the cast stands
CHANNELS = ["portal", "phone", "email", "remote"]


def berlin(text: str) -> datetime:
    """An instant written as the clock in Berlin shows it: "2026-11-24 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


#: A Tuesday morning in service hours; what happens in tests happens then, unless it says otherwise.
NOW = berlin("2026-11-24 09:00")


@dataclass
class Cast:
    """Everybody and everything, for tests that need several of them."""

    anna: User
    dora: User
    bernd: Contact
    astrid: Contact
    clara: Contact
    acme: Customer
    borealis: Customer
    erp: Product
    partner: Product
    other: Product
    calendar: ServiceCalendar
    terms: TermsVersion

    def item(self, code: str) -> CatalogueItem:
        """The catalogue item of the terms in force."""
        with viewing_as(SYSTEM):
            return CatalogueItem.objects.get(terms=self.terms, code=code)


def make_staff(name: str, *roles: str) -> User:
    """A colleague at the vendor, with the roles (agent if none is given)."""
    with viewing_as(SYSTEM):
        email = f"{name.lower()}@vendor.example"
        return User.objects.create_user(email, name=name, kind=Kind.STAFF, staff_roles=list(roles) or ["agent"])


def make_customer(name: str, **fields: Any) -> Customer:
    """A company without a contract; with a data-processing agreement unless `dpa_reference` is empty."""
    with viewing_as(SYSTEM):
        number = f"K-{Customer.objects.count() + 1:04}"
        return Customer.objects.create(**{"name": name, "number": number, "dpa_reference": "AVV 1", **fields})


def make_contact(name: str, customer: Customer, *roles: str, **fields: Any) -> Contact:
    """A person of a customer who asks for help (requester if no role is given) and sees their own requests."""
    with viewing_as(SYSTEM):
        email = f"{name.lower()}@{customer.name.lower()}.example"
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name, kind=Kind.CONTACT)
        return Contact.objects.create(customer=customer, user=user, roles=list(roles) or ["requester"], **fields)


def make_contract(customer: Customer, *products: Product, calendar: ServiceCalendar, **fields: Any) -> Contract:
    """A maintenance contract since 2025 with one line per product and every channel."""
    with viewing_as(SYSTEM):
        values = {"kind": "maintenance", "number": f"W-{customer.number}", "starts_on": date(2025, 1, 1), **fields}
        contract = Contract.objects.create(customer=customer, **values)
        for product in products:
            ContractLine.objects.create(
                customer=customer, contract=contract, product=product, calendar=calendar, channels=CHANNELS
            )
        return contract


def make_calendar(name: str = "Zentrale") -> ServiceCalendar:
    """Monday to Friday from 8 to 17 in Berlin; the day before Christmas is closed."""
    calendar = ServiceCalendar.objects.create(name=name, state="BE")
    ServiceInterval.objects.bulk_create(
        [ServiceInterval(calendar=calendar, weekday=day, starts=time(8), ends=time(17)) for day in range(5)]
    )
    OwnDay.objects.create(calendar=calendar, day=date(2026, 12, 24), name="Heiligabend")
    ResponseTarget.objects.bulk_create(
        [
            ResponseTarget(calendar=calendar, impact=impact, minutes=minutes)
            for impact, minutes in (("blocked", 60), ("hindered", 240), ("minor", 480))
        ]
    )
    return calendar


def make_products() -> tuple[Product, Product, Product]:
    """The ERP product, a partner product connected to it, and another product that is visited on site."""
    erp = Product.objects.create(code="kontor", name="Kontor ERP", kind="erp", media=["manual"])
    partner = Product.objects.create(code="messdienst", name="Messdienst Connect", kind="partner")
    other = Product.objects.create(code="lager", name="Lager Plus", kind="erp", onsite_by_support=True)
    erp.linked.add(partner)
    Area.objects.bulk_create([Area(product=p, name=n) for p, n in [(erp, "Mahnwesen"), (other, "Inventur")]])
    ProductVersion.objects.bulk_create(
        [ProductVersion(product=p, name="2026.1", released_on=date(2026, 1, 15)) for p in (erp, other)]
    )
    RequestKind.objects.create(
        code="unsure", icon="question", title="Ich bin unsicher", title_en="I am not sure", hint="", hint_en=""
    )
    return erp, partner, other


def make_cast() -> Cast:
    """Write the whole cast into the database."""
    cache.clear()  # profile and calendars are remembered there
    with viewing_as(SYSTEM):
        VendorProfile.objects.create(pk=1, name="Kontor Software", legal_notice="Wir beraten nicht rechtlich.")
        calendar, (erp, partner, other), terms = make_calendar(), make_products(), make_terms()
        acme, borealis = make_customer("Acme"), make_customer("Borealis")
        make_contract(acme, erp, calendar=calendar)
        make_contract(borealis, erp, other, calendar=calendar)
        return Cast(
            anna=make_staff("Anna"),
            dora=make_staff("Dora", "lead"),
            bernd=make_contact("Bernd", acme),
            astrid=make_contact("Astrid", acme, "requester", "cost_release", release_limit=Decimal("500.00")),
            clara=make_contact("Clara", borealis),
            acme=acme,
            borealis=borealis,
            erp=erp,
            partner=partner,
            other=other,
            calendar=calendar,
            terms=terms,
        )


#: The cast as it stands in a database of its own, once per process, as bytes: each test gets objects of its own.
_told: list[bytes] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: Any) -> None:
    """Tests that look at the cast, or change it and roll back, share a database in which it stands already.

    A hook, because the database is chosen before any fixture opens a transaction in it.
    """
    server = SERVERS.get(item.config)
    if server is None or not server.own:
        return
    names = set(getattr(item, "fixturenames", ()))
    shares = "cast" in names and not names & {"transactional_db", "live_server"}
    with item.config.stash[blocking_manager_key].unblock():
        if shares and not _told:
            with server.beside(_CAST):
                _told.append(pickle.dumps(make_cast()))
        server.go_to(_CAST if shares else "")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The whole cast in the database; a fixture of its own for each of them is below."""
    cache.clear()
    stands = settings.DATABASE["NAME"].endswith(f"_{_CAST}")
    yield pickle.loads(_told[0]) if stands else make_cast()  # noqa: S301 - our own bytes
    cache.clear()


@pytest.fixture
def system(cast: Cast) -> Iterator[None]:
    """The test itself reads as the system does, to look at what actions have left."""
    with viewing_as(SYSTEM):
        yield


@pytest.fixture
def make_ticket(cast: Cast) -> Callable[..., Ticket]:
    """Submits a request: by Bernd about the ERP product, unless the arguments say otherwise.

    `contact`, `actor`, `now`, `uploads` and `files` go to the action, everything else to the request.
    """

    def make(
        *, contact: Contact | None = None, actor: User | None = None, now: datetime = NOW, **fields: Any
    ) -> Ticket:
        contact = contact or cast.bernd
        given = {name: fields.pop(name) for name in ("uploads", "files") if name in fields}
        request = {
            "product": cast.erp,
            "title": "Saldo stimmt nicht",
            "description": "Der Saldo der Liegenschaft 12 stimmt nicht.",
            "impact": "hindered",
            **fields,
        }
        return submit(contact, request=NewRequest(**request), actor=actor or contact.user, now=now, **given)

    return make


def concern_of(ticket: Ticket, position: int = 1) -> Concern:
    """A concern of the ticket as it is now."""
    with viewing_as(SYSTEM):
        return Concern.objects.select_related("current_assessment").get(ticket=ticket, position=position)


def fresh(row: Any) -> Any:
    """The row as it is in the database now."""
    with viewing_as(SYSTEM):
        return type(row).objects.get(pk=row.pk)


def upload(name: str = "beleg.txt", content: bytes = b"Buchung 4711", content_type: str = "") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type or "application/octet-stream")


def _one_of_the_cast(name: str) -> Any:
    @pytest.fixture(name=name)
    def member(cast: Cast) -> Any:
        return getattr(cast, name)

    return member


anna = _one_of_the_cast("anna")
dora = _one_of_the_cast("dora")
bernd = _one_of_the_cast("bernd")
astrid = _one_of_the_cast("astrid")
clara = _one_of_the_cast("clara")
acme = _one_of_the_cast("acme")
borealis = _one_of_the_cast("borealis")
erp = _one_of_the_cast("erp")
partner = _one_of_the_cast("partner")
other = _one_of_the_cast("other")
calendar = _one_of_the_cast("calendar")
terms = _one_of_the_cast("terms")
