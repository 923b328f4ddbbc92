"""A package of articles between the dry run and the import: kept for a day, named by a signed token of its person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import Http404
from django.utils import timezone

from klarfall.desk import reference
from klarfall.knowledge.importing import package, planning, reading, running

#: Beside the files that rows name: nobody misses one of these.
_FOLDER = ".imports"
_KEPT = timedelta(days=1)
_SALT = "klarfall.desk.help_import"


@dataclass(frozen=True)
class Waiting:
    """A package that was looked at: where it lies, what it is called, and what counts where its files say nothing."""

    key: str
    name: str
    options: dict[str, Any]

    def token(self, user: Any) -> str:
        """What the page sends back when somebody confirms; good for this person and a day."""
        return signing.dumps({"u": user.pk, "k": self.key, "n": self.name, "o": self.options}, salt=_SALT)


def keep(file: File, name: str, options: dict[str, Any], now: datetime) -> Waiting:
    """Put a package aside; what others left for longer than a day goes."""
    _forget_old(now)
    key = default_storage.save(f"{_FOLDER}/{uuid4().hex}", file)
    return Waiting(key, name, options)


def waiting(token: str, user: Any) -> Waiting:
    """The package of a token; 404 for somebody else's, an old one, or one that is gone."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=_KEPT)
    except signing.BadSignature:
        raise Http404 from None
    if told["u"] != user.pk or not default_storage.exists(told["k"]):
        raise Http404
    return Waiting(told["k"], told["n"], told["o"])


@contextmanager
def planned(one: Waiting) -> Iterator[planning.Plan]:
    """What an import of the package would do; its files can be read meanwhile. Raises PackageRefused."""
    product = next((each for each in reference.products() if each.pk == one.options["product"]), None)
    words = {name: one.options[name] for name in ("kind", "visibility", "language")}
    with default_storage.open(one.key) as file:
        batch = reading.read(package.opened(file, one.name))
        yield planning.plan(batch, planning.Defaults(product=product, **words))


def run(one: Waiting, *, actor: Any, now: datetime) -> running.Result:
    """Carry the import out and let go of the package. Raises PackageRefused."""
    with planned(one) as plan:
        result = running.run(plan, publish=one.options["publish"], announce=False, actor=actor, now=now)
    forget(one)
    return result


def forget(one: Waiting) -> None:
    """Let go of a package."""
    default_storage.delete(one.key)


def _forget_old(now: datetime) -> None:
    if not default_storage.exists(_FOLDER):
        return
    for name in default_storage.listdir(_FOLDER)[1]:
        key = f"{_FOLDER}/{name}"
        made = default_storage.get_created_time(key)
        if (made if timezone.is_aware(made) else timezone.make_aware(made)) < now - _KEPT:
            default_storage.delete(key)
