"""`manage.py search_run --queries FILE.jsonl --out RUN.json`: answer a set of queries, each as a viewer of its role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from klarfall.contracts.models import Contract, ContractLine, Product
from klarfall.contracts.models.contract import ContractKind
from klarfall.core.isolation import NOBODY, SYSTEM, Seat, Viewer, ViewerKind, viewing_as
from klarfall.customers.models import Customer
from klarfall.knowledge.models import Article
from klarfall.knowledge.search.finding import find, fitting
from klarfall.service_levels.models import ServiceCalendar

_MOST = 10


class Command(BaseCommand):
    help = (
        "Answers queries, one JSON object a line: id, type (request_text: the whole text of a request), role (public,"
        " customer, agent), query. Writes {id: [ids of articles in order]}; whoever is unsure answers with nothing."
    )

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the files."""
        parser.add_argument("--queries", type=Path, required=True, metavar="FILE.jsonl")
        parser.add_argument("--out", type=Path, required=True, metavar="RUN.json")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Nothing stays in the database: the company of the role *customer* is gone when the command ends."""
        queries = list(_queries(options["queries"]))
        with translation.override("de"), _viewers() as viewers:
            answers = {one["id"]: _answer(one, viewers) for one in queries}
        try:
            options["out"].write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"{options['out']} cannot be written: {problem.strerror}") from problem
        self.stdout.write(f"{len(answers)} queries answered")


def _queries(file: Path) -> Iterator[dict[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise CommandError(f"{file} cannot be read: {problem}") from problem
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            one = {name: str(given[name]) for name in ("id", "role", "query")} | {"type": str(given.get("type", ""))}
        except (ValueError, KeyError, TypeError) as problem:
            raise CommandError(f"line {number}: {problem!r}") from problem
        if one["role"] not in ("public", "customer", "agent"):
            raise CommandError(f"line {number}: role is {one['role']!r}; it must be public, customer or agent")
        yield one


def _answer(one: dict[str, str], viewers: dict[str, Viewer]) -> list[str]:
    with viewing_as(viewers[one["role"]]):
        if one["type"] == "request_text":
            numbers = [hit.article_id for hit in fitting(one["query"], limit=_MOST)]
        else:
            found = find(one["query"], limit=_MOST)
            numbers = [] if found.unsure else [hit.article_id for hit in found.hits]
        names = dict(Article.objects.filter(pk__in=numbers).exclude(source_id="").values_list("pk", "source_id"))
    return [names[number] for number in numbers if number in names]


@contextmanager
def _viewers() -> Iterator[dict[str, Viewer]]:
    """The viewers of the roles; the customer has a contract for every product, in a transaction that is undone."""
    with transaction.atomic(), viewing_as(SYSTEM):
        customer = Customer.objects.create(name="search_run", number="search_run")
        contract = Contract.objects.create(
            customer=customer, kind=ContractKind.MAINTENANCE, number="search_run", starts_on=date(2000, 1, 1)
        )
        calendar = ServiceCalendar.objects.first() or ServiceCalendar.objects.create(name="search_run")
        products = Product.objects.filter(pk__in=Article.objects.values("product"))
        for product in products:
            ContractLine.objects.create(
                customer=customer, contract=contract, product=product, calendar=calendar, channels=["portal"]
            )
        yield {
            "public": NOBODY,
            "customer": Viewer(ViewerKind.CONTACT, None, (Seat(0, customer.pk),)),
            "agent": Viewer(ViewerKind.STAFF),
        }
        transaction.set_rollback(True)
