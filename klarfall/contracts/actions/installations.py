"""Write down which version of a product a customer runs since when."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.contracts.models import InstalledVersion, Product, ProductVersion
from klarfall.contracts.queries import local_day
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.customers.models import Customer


class InstallationRefused(Refused):
    """The version does not fit; `field` names what is wrong."""

    code = "installation_refused"


@action
def record_installation(
    customer: Customer, *, product: Product, version: ProductVersion, since: date, actor: Any, now: datetime
) -> InstalledVersion:
    """Write down a version from a day on; once more for the same day corrects it. Raises InstallationRefused."""
    permissions.require("customer.change", actor)
    check_installation(product=product, version=version, since=since, today=local_day(now))
    found, is_new = InstalledVersion.objects.select_for_update(of=("self",)).get_or_create(
        customer=customer, product=product, since=since, defaults={"version": version}
    )
    if not is_new and found.version_id == version.pk:
        return found
    if not is_new:
        found.version = version
        found.save(update_fields=["version"])
    what = {"customer": customer.pk, "product": product.pk, "version": version.pk, "since": since.isoformat()}
    audit.record("installation.recorded", found, actor=actor, now=now, data=what)
    return found


def check_installation(*, product: Product, version: ProductVersion, since: date, today: date) -> None:
    """Raises InstallationRefused (with `field`) unless the version fits. Not an action: it changes nothing."""
    if version.product_id != product.pk:
        raise InstallationRefused(_("This version belongs to another product."), field="version")
    if since > today:
        raise InstallationRefused(_("This day lies in the future."), field="since")


@action
def remove_installation(installation: InstalledVersion, *, actor: Any, now: datetime) -> None:
    """Remove a version that was written down by mistake; requests keep the version they were sent for."""
    permissions.require("customer.change", actor)
    installation = InstalledVersion.objects.select_for_update(of=("self",)).get(pk=installation.pk)
    pk = installation.pk
    what = {"product": installation.product_id, "version": installation.version_id}
    installation.delete()
    installation.pk = pk
    audit.record("installation.removed", installation, actor=actor, now=now, data=what)
