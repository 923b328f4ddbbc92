"""`manage.py search_run --queries FILE.jsonl --out RUN.json`: answer a set of queries, each as a viewer of its role."""

import json
import sys
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
from klarfall.knowledge.corpus import LineRefused, harmless
from klarfall.knowledge.models import Article
from klarfall.knowledge.search.finding import find, fitting
from klarfall.service_levels.models import ServiceCalendar

_MOST = 10
_ROLES = ("public", "customer", "agent")


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
        """Exit code 1 if a line is no query: it is named, and all others are answered.

        Nothing stays in the database: the company of the role *customer* is gone when the command ends.
        """
        queries, wrong = [], 0
        for number, one in _queries(options["queries"]):
            if isinstance(one, LineRefused):
                wrong += 1
                self.stderr.write(f"line {number}: {one}")
            else:
                queries.append(one)
        with translation.override("de"), _viewers() as viewers:
            answers = {one["id"]: _answer(one, viewers) for one in queries}
        try:
            options["out"].write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"{options['out']} cannot be written: {problem.strerror}") from problem
        self.stdout.write(f"{len(answers)} queries answered" + (f", {wrong} lines left out" if wrong else ""))
        if wrong:
            sys.exit(1)


def _queries(file: Path) -> Iterator[tuple[int, dict[str, str] | LineRefused]]:
    """The queries with their line numbers; empty lines are passed over, an id counts once."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as problem:
        raise CommandError(f"{file} cannot be read: {problem}") from problem
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            one = _query(line)
            if one["id"] in seen:
                raise LineRefused(f"the id {one['id']!r} stands in line {seen[one['id']]} already")
        except LineRefused as problem:
            yield number, problem
        else:
            seen[one["id"]] = number
            yield number, one


def _query(line: bytes) -> dict[str, str]:
    """Read one line; `type` may be missing, a number is taken as text. Raises LineRefused."""
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise LineRefused(f"this is no JSON: {problem}") from problem
    if not isinstance(given, dict):
        raise LineRefused("this is no JSON object")
    found = {
        "type": "",
        **{name: given[name] for name in ("id", "type", "role", "query") if given.get(name) is not None},
    }
    for name in ("id", "role", "query"):
        if name not in found:
            raise LineRefused(f"{name} is missing")
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise LineRefused(f"{name} is no text")
    one = {name: harmless(str(value)) for name, value in found.items()}
    if one["role"] not in _ROLES:
        raise LineRefused(f"role is {one['role']!r}; it must be one of {', '.join(_ROLES)}")
    return one


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
