"""Finds what tables refer to: customers by their number, products by code or name."""

from collections.abc import Iterable
from functools import cached_property

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from klarfall.contracts.models import Product
from klarfall.customers.models import Customer
from klarfall.transfer.imports.cells import Wrong


def customers_of(numbers: Iterable[str]) -> dict[str, Customer]:
    """The customers of these numbers in any case, by the number in small letters."""
    small = {number.lower() for number in numbers}
    found = Customer.objects.annotate(small=Lower("number")).filter(small__in=small)
    return {one.number.lower(): one for one in found}


def customer(known: dict[str, Customer], number: str) -> Customer:
    """The customer of a number; raises Wrong."""
    found = known.get(number.lower())
    if found is None:
        raise Wrong(_("There is no customer of this number."), "customer")
    return found


class Products:
    """All products of the house, read once."""

    @cached_property
    def _by_name(self) -> dict[str, Product]:
        found = list(Product.objects.all())
        return {one.name.casefold(): one for one in found} | {one.code.casefold(): one for one in found}

    def key(self, text: str) -> str:
        """What is the same for code and name of one product, and for texts that mean none."""
        found = self._by_name.get(text.casefold())
        return found.code if found else text.casefold()

    def find(self, text: str) -> Product:
        """The product of that code or name; raises Wrong."""
        product = self._by_name.get(text.casefold())
        if product is None:
            raise Wrong(_("There is no product of this code or name."), "product")
        return product
