"""The demo's stage: people, products and services by name, and the request that a story is about."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from klarfall.accounts.models import User
from klarfall.billing.models import CostOffer, TimeEntry
from klarfall.contracts.models import CatalogueItem, InstalledVersion, Product, RequestKind, TermsVersion
from klarfall.customers.models import Contact
from klarfall.demo.schedule import Schedule
from klarfall.demo.script import Story
from klarfall.demo.words import filled
from klarfall.tickets.models import Concern, ConsultantRequest, Objection, RemoteSession, Ticket, TrainingRequest


@dataclass(frozen=True)
class Cast:
    """Who and what the stories name."""

    contacts: dict[str, Contact]
    staff: dict[str, User]
    system: User
    products: dict[str, Product]
    kinds: dict[str, RequestKind]
    items: dict[str, CatalogueItem]

    def user(self, name: str) -> User:
        """The user behind a name of the stories."""
        if name == "System":
            return self.system
        contact = self.contacts.get(name)
        return contact.user if contact else self.staff[name]


def cast_of(contacts: dict[str, Contact], staff: dict[str, User], terms: TermsVersion) -> Cast:
    """The cast once people and catalogue are written."""
    return Cast(
        contacts=contacts,
        staff=staff,
        system=User.objects.system(),
        products={product.code: product for product in Product.objects.all()},
        kinds={kind.code: kind for kind in RequestKind.objects.all()},
        items={item.code: item for item in CatalogueItem.objects.filter(terms=terms)},
    )


@dataclass
class Scene:
    """One story while it is played: the instant, its request, and what was last made for it."""

    story: Story
    cast: Cast
    schedule: Schedule
    begun: datetime
    now: datetime
    ticket: Ticket | None = None
    offers: dict[int, CostOffer] = field(default_factory=dict)
    objection: Objection | None = None
    remote: RemoteSession | None = None
    timer: TimeEntry | None = None
    handovers: list[ConsultantRequest | TrainingRequest] = field(default_factory=list)

    def words(self, text: str) -> str:
        """A text of the story with its placeholders replaced."""
        return filled(text, at=self.begun, schedule=self.schedule)

    @property
    def request(self) -> Ticket:
        """The ticket as it is now."""
        assert self.ticket is not None, "the story has no request yet"  # noqa: S101 - a slip of the story's author
        return Ticket.objects.select_related("calendar", "contact__user").get(pk=self.ticket.pk)

    def concern(self, position: int = 1) -> Concern:
        """A concern of the request as it is now."""
        rows: Any = Concern.objects.select_related("current_assessment", "ticket")
        found: Concern = rows.get(ticket=self.ticket, position=position)
        return found

    def offer(self, position: int = 1) -> CostOffer:
        """The cost offer last sent for a concern, as it is now."""
        return CostOffer.objects.select_related("concern", "ticket").get(pk=self.offers[position].pk)

    def installed(self, product: Product, contact: Contact) -> Any:
        """The version that the customer runs, or None."""
        found = InstalledVersion.objects.filter(customer_id=contact.customer_id, product=product)
        installation = found.select_related("version").first()
        return installation.version if installation else None
