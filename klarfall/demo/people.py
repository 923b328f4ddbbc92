"""The demo's people: three specialists and a lead, four customers and their contacts in every role."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from klarfall.accounts.models import Kind, User
from klarfall.contracts.models import (
    Contract,
    ContractLine,
    InstalledVersion,
    Product,
    ProductVersion,
    TrainingRecord,
)
from klarfall.customers.models import Contact, Customer
from klarfall.customers.phone_numbers import e164
from klarfall.service_levels.models import ServiceCalendar

STAFF = (
    ("Tobias Brandt", "tobias.brandt@demo.invalid", ["agent"]),
    ("Selin Aydın", "selin.aydin@demo.invalid", ["agent"]),
    ("Miriam Lorenz", "miriam.lorenz@demo.invalid", ["agent", "editor"]),
    ("Katrin Vogt", "katrin.vogt@demo.invalid", ["lead", "billing", "administrator"]),
)

#: Keeps the help and sees no request; written after the others, whose order the demo's guides know.
EDITORS = (("Nora Behrend", "nora.behrend@demo.invalid", ["editor"]),)


@dataclass(frozen=True)
class Person:
    """A contact as it is seeded."""

    name: str
    roles: tuple[str, ...]
    limit: str = ""
    sees_all: bool = False
    training: str = ""


@dataclass(frozen=True)
class Company:
    """A customer as it is seeded; `lines` are product codes under one contract, `version` that of the first one."""

    number: str
    name: str
    domain: str
    city: str
    postal_code: str
    contract: str
    kind: str
    lines: tuple[str, ...]
    version: str
    people: tuple[Person, ...]
    policy: str = "every_contact"
    dpa: bool = True
    ended: bool = False
    buyer_reference: str = ""
    channels: tuple[str, ...] = field(default=("portal", "phone", "email", "remote"))


COMPANIES = (
    Company(
        "204817", "Hausverwaltung Lindenhof GmbH", "lindenhof.invalid", "Mainz", "55116",
        "WV-2019-0817", "maintenance", ("powerhaus", "archiv-connect"), "8.4.1",
        (
            Person("Petra Sommer", ("requester", "cost_release"), "1000.00", training="Sollstellung"),
            Person("Jonas Weber", ("requester", "cost_release", "customer_admin"), "5000.00", sees_all=True),
            Person("Aylin Kaya", ("requester",), training="Grundlagen Mietenbuchhaltung"),
            Person("Helga Renz", ("billing_viewer",), sees_all=True),
        ),
        policy="named", buyer_reference="Kostenstelle 4711",
    ),
    Company(
        "205133", "Wohnbau Elbe eG", "wohnbau-elbe.invalid", "Magdeburg", "39104",
        "WV-2021-0133", "maintenance", ("powerhaus",), "8.4",
        (
            Person("Ralf Hennig", ("requester", "customer_admin"), sees_all=True, training="Zahlungsverkehr"),
            Person("Doreen Pohl", ("requester",)),
        ),
    ),
    Company(
        "206240", "Nordquartier GmbH", "nordquartier.invalid", "Kiel", "24103",
        "SV-2024-0240", "service", ("wohnwerk",), "",
        (
            Person("Malte Jensen", ("requester", "cost_release"), "500.00", sees_all=True),
            Person("Svea Thomsen", ("requester",), training="Vermietung"),
        ),
        dpa=False, channels=("portal", "email", "remote"),
    ),
    Company(
        "207901", "Grundwert Immobilien KG", "grundwert.invalid", "Leipzig", "04109",
        "WV-2018-0901", "maintenance", ("powerhaus",), "8.3",
        (Person("Stefan Krüger", ("requester", "customer_admin"), sees_all=True),),
        ended=True,
    ),
)  # fmt: skip


#: Numbers that nobody gets (Bundesnetzagentur, for media).
_HOUSES = ("069 / 90009-", "030 / 23125-", "040 / 66969-", "0221 / 4710-")


def seed_staff() -> dict[str, User]:
    """Write the specialists and their lead; by name."""
    return _colleagues(STAFF)


def seed_editors() -> dict[str, User]:
    """Write who keeps the help and nothing else; by name."""
    return _colleagues(EDITORS)


def _colleagues(people: tuple[tuple[str, str, list[str]], ...]) -> dict[str, User]:
    return {
        name: User.objects.create_user(email, name=name, kind=Kind.STAFF, staff_roles=roles)
        for name, email, roles in people
    }


def seed_companies(
    products: dict[str, Product], calendars: dict[str, ServiceCalendar], now: datetime
) -> dict[str, Contact]:
    """Write customers with contracts, installed versions and contacts; contacts by name."""
    contacts: dict[str, Contact] = {}
    for company in COMPANIES:
        customer = Customer.objects.create(
            number=company.number,
            name=company.name,
            mail_domains=[company.domain],
            street="Beispielweg 1",
            postal_code=company.postal_code,
            city=company.city,
            billing_email=f"rechnung@{company.domain}",
            buyer_reference=company.buyer_reference,
            release_policy=company.policy,
            dpa_reference="AVV 2023/11" if company.dpa else "",
            dpa_date=date(2023, 11, 1) if company.dpa else None,
        )
        _contract(customer, company, products, calendars, now)
        _installed(customer, company, products, now.date())
        contacts |= {person.name: _contact(customer, company, person, products) for person in company.people}
    return contacts


def _contract(
    customer: Customer,
    company: Company,
    products: dict[str, Product],
    calendars: dict[str, ServiceCalendar],
    now: datetime,
) -> None:
    contract = Contract.objects.create(
        customer=customer,
        kind=company.kind,
        number=company.contract,
        starts_on=date(int(company.contract[3:7]), 1, 1),
        # An ended contract ran out before the ten weeks of the demo begin.
        ends_on=(now.date() - timedelta(days=120)).replace(day=1) if company.ended else date(now.year + 1, 12, 31),
    )
    for code in company.lines:
        name = "Produktsupport Wohnwerk" if code == "wohnwerk" else "Produktsupport PowerHaus"
        ContractLine.objects.create(
            customer=customer,
            contract=contract,
            product=products[code],
            calendar=calendars[name],
            channels=list(company.channels),
        )


def _installed(customer: Customer, company: Company, products: dict[str, Product], today: date) -> None:
    """What the customer runs: the version named, else the newest."""
    product = products[company.lines[0]]
    versions = ProductVersion.objects.filter(product=product)
    version = versions.get(name=company.version) if company.version else versions.first()
    assert version is not None, f"{product.name} has no version"  # noqa: S101 - a slip of the demo's author
    since = max(version.released_on, today - timedelta(days=80))
    InstalledVersion.objects.create(customer=customer, product=product, version=version, since=since)


def _phone(company: Company, person: Person) -> str:
    """The person's extension behind a number that is reserved for films: nobody has it."""
    house = _HOUSES[COMPANIES.index(company) % len(_HOUSES)]
    return f"{house}{100 + 11 * company.people.index(person)}"


def _contact(customer: Customer, company: Company, person: Person, products: dict[str, Product]) -> Contact:
    local = person.name.lower().replace(" ", ".").replace("ü", "ue")
    user = User.objects.create_user(f"{local}@{company.domain}", name=person.name, kind=Kind.CONTACT)
    contact = Contact.objects.create(
        customer=customer,
        user=user,
        roles=list(person.roles),
        release_limit=Decimal(person.limit) if person.limit else None,
        visibility="all" if person.sees_all else "own",
        phone=_phone(company, person),
        phone_e164=e164(_phone(company, person)),
    )
    if person.training:
        TrainingRecord.objects.create(
            customer=customer,
            contact=contact,
            product=products[company.lines[0]],
            topic=person.training,
            on=date(2024, 3, 12),
        )
    return contact
