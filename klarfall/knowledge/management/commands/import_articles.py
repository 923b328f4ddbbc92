"""`manage.py import_articles FILE.jsonl`: take in a corpus of articles, published and found when it returns."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from klarfall.accounts.models import User
from klarfall.contracts.models import Product, ProductVersion
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.jobs import take_back
from klarfall.knowledge.actions.corpus import import_article, import_product, import_version
from klarfall.knowledge.corpus import LineRefused, Record, records
from klarfall.knowledge.search import indexing

_CHUNK = 100


class Command(BaseCommand):
    help = (
        "Takes in articles, one JSON object a line: id, kind (knowledge, update, manual, quickstart, video), product,"
        " version, title, body_markdown, visibility (public, customer, internal). Once more changes what has changed."
    )

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the file."""
        parser.add_argument("file", type=Path, metavar="FILE.jsonl")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Exit code 1 if a line could not be taken in: it is named, and all others are."""
        self.products: dict[tuple[str, str], Product] = {}
        self.versions: dict[tuple[int, str], ProductVersion] = {}
        self.wrong = self.same = 0
        changed: list[int] = []
        try:
            with options["file"].open("rb") as lines:
                waiting: list[tuple[int, Record]] = []
                for number, found in records(lines):
                    if isinstance(found, LineRefused):
                        self._refuse(number, str(found))
                        continue
                    waiting.append((number, found))
                    if len(waiting) == _CHUNK:
                        changed += self._import(waiting)
                        waiting = []
                changed += self._import(waiting)
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}") from problem
        self._index(changed)
        self.stdout.write(f"{len(changed)} articles taken in, {self.same} unchanged, {self.wrong} lines left out")
        if self.wrong:
            sys.exit(1)

    def _refuse(self, number: int, reason: str) -> None:
        self.wrong += 1
        self.stderr.write(f"line {number}: {reason}")

    def _import(self, rows: list[tuple[int, Record]]) -> list[int]:
        changed = []
        with viewing_as(SYSTEM, fresh=True):
            actor = User.objects.system()
            for number, found in rows:
                try:
                    article = self._one(found, actor)
                except Refused as problem:
                    self._refuse(number, str(problem.message))
                    continue
                if article is None:
                    self.same += 1
                else:
                    changed.append(article.pk)
        return changed

    def _one(self, found: Record, actor: User) -> Any:
        now = timezone.now()
        key = (found.product, found.kind)
        product = self.products.get(key)
        if product is None:
            product = self.products[key] = import_product(name=found.product, kind=found.kind, actor=actor, now=now)
        version = self.versions.get((product.pk, found.version)) if found.version else None
        if version is None and found.version:
            version = import_version(product, name=found.version, actor=actor, now=now)
            self.versions[product.pk, found.version] = version
        return import_article(found, product=product, version=version, actor=actor, now=now)

    def _index(self, changed: list[int]) -> None:
        """Index at once what the jobs would have indexed later; most of an index anew with the averages of today."""
        with viewing_as(SYSTEM):
            take_back("knowledge.index", "article", changed)
        if indexing.is_mostly_new(len(changed)):
            indexing.rebuild()
        else:
            indexing.index(changed)
