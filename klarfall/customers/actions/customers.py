"""Add and change customers: number, name, mail domains, address, agreement, who decides and who lets people in."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.core.changes import change
from klarfall.core.master_rows import line
from klarfall.core.vat_ids import EUROPEAN_UNION, compact, is_country, is_vat_id
from klarfall.customers.mail_domains import is_public, normalised
from klarfall.customers.models import Customer, RegistrationPolicy, ReleasePolicy

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
#: Words that stand in the addresses of pages where a number would.
_RESERVED = {"new"}
_CODES = ("release_policy", "registration_policy")
#: Texts and how long they may be.
_LENGTHS = {
    "name": 200, "street": 120, "postal_code": 12, "city": 80, "vat_id": 20, "billing_email": 254,
    "buyer_reference": 80, "dpa_reference": 120,
}  # fmt: skip


class CustomerRefused(Refused):
    """Something about a customer cannot be right; `field` names it."""

    code = "customer_refused"


@dataclass(frozen=True, kw_only=True)
class CustomerData:
    """Everything that is kept of a customer; what is left out is emptied by a change.

    `public_domains` confirms that a domain of a public mail provider is meant.
    """

    number: str
    name: str
    mail_domains: tuple[str, ...] = ()
    public_domains: bool = False
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    vat_id: str = ""
    billing_email: str = ""
    buyer_reference: str = ""
    dpa_reference: str = ""
    dpa_date: date | None = None
    release_policy: str = ReleasePolicy.EVERY_CONTACT
    registration_policy: str = RegistrationPolicy.SPECIALIST
    requires_proved_mail: bool = False


@action
def add_customer(*, data: CustomerData, actor: Any, now: datetime) -> Customer:
    """Add a company. Raises CustomerRefused (with `field`), also for a number that is in use."""
    permissions.require("customer.change", actor)
    values = checked(data)
    _check_free(values["number"], None)
    try:
        with transaction.atomic():
            customer = Customer.objects.create(**values)
    except IntegrityError:  # somebody else has just taken the number
        raise CustomerRefused(_("Another customer has this number."), field="number") from None
    audit.record("customer.added", customer, actor=actor, now=now, data={code: values[code] for code in _CODES})
    return customer


@action
def change_customer(customer: Customer, *, data: CustomerData, actor: Any, now: datetime) -> Customer:
    """Change what is kept of a company; documents that are written keep theirs. Raises CustomerRefused."""
    permissions.require("customer.change", actor)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    values = checked(data)
    _check_free(values["number"], customer)
    if changed := change(customer, values):
        policies = {code: values[code] for code in _CODES if code in changed}
        audit.record("customer.changed", customer, actor=actor, now=now, data={"fields": changed, **policies})
    return customer


def checked(data: CustomerData) -> dict[str, Any]:
    """The values as they are kept, or CustomerRefused. Not an action: imports check thousands of rows with it."""
    values: dict[str, Any] = asdict(data)
    del values["public_domains"]
    values |= {field: line(values[field], field=field, most=most, needed=False) for field, most in _LENGTHS.items()}
    values |= {"number": data.number.strip(), "country": compact(data.country), "vat_id": compact(data.vat_id)}
    _check_number(values["number"])
    if not values["name"]:
        raise CustomerRefused(_("A customer has a name."), field="name")
    _check_mail(values["billing_email"])
    if not is_country(values["country"]):
        raise CustomerRefused(_("Please choose a country by its two letters, for example DE."), field="country")
    if values["vat_id"] and values["country"] in EUROPEAN_UNION and not is_vat_id(values["vat_id"], values["country"]):
        raise CustomerRefused(_("This is no VAT id of that country."), field="vat_id")
    for code, choices in (("release_policy", ReleasePolicy), ("registration_policy", RegistrationPolicy)):
        if values[code] not in choices.values:
            raise CustomerRefused(_("Please choose one of the possibilities."), field=code)
    if values["dpa_date"] and not values["dpa_reference"]:
        raise CustomerRefused(_("Which agreement is of that day? Please enter its reference."), field="dpa_reference")
    domains = _domains(data.mail_domains)
    _check_public(domains, data)
    return values | {"mail_domains": domains}


def _check_mail(address: str) -> None:
    try:
        validate_email(address or "nobody@company.example")
    except ValidationError:
        raise CustomerRefused(_("This is no e-mail address."), field="billing_email") from None


def _check_number(number: str) -> None:
    if not _NUMBER.fullmatch(number) or number.lower() in _RESERVED:
        raise CustomerRefused(
            _("Letters, digits and - . _ are possible, at most 20 of them; the first one is a letter or a digit."),
            field="number",
        )


def _check_free(number: str, customer: Customer | None) -> None:
    others = Customer.objects.filter(number__iexact=number)
    if others.exclude(pk=customer.pk if customer else None).exists():
        raise CustomerRefused(_("Another customer has this number."), field="number")


def _domains(given: Iterable[str]) -> list[str]:
    """The domains in their one spelling, each once, in the order given."""
    found = []
    for text in given:
        try:
            found.append(normalised(text))
        except ValueError:
            values = {"domain": text.strip()[:80]}
            message = _("“%(domain)s” is no mail domain. It looks like “company.example”.") % values
            raise CustomerRefused(message, field="mail_domains") from None
    return list(dict.fromkeys(found))


def _check_public(domains: list[str], data: CustomerData) -> None:
    """At a public provider anybody gets an address: never let them in by themselves, else ask once more."""
    public = [one for one in domains if is_public(one)]
    if not public:
        return
    values = {"domains": ", ".join(public)}
    if data.registration_policy == RegistrationPolicy.AUTOMATIC:
        message = _("Anybody gets an address at %(domains)s. With such a domain somebody has to let people in.")
        raise CustomerRefused(message % values, field="registration_policy")
    if not data.public_domains:
        message = _("Anybody gets an address at %(domains)s. Please confirm that you mean this domain.")
        raise CustomerRefused(message % values, field="mail_domains")
