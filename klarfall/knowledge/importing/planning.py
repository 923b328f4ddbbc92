"""What an import would do: products, areas and versions looked up, links and files checked; nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from klarfall.contracts.models.product import Area, Product, ProductVersion
from klarfall.knowledge.importing.package import Problem
from klarfall.knowledge.importing.reading import Batch, Text
from klarfall.knowledge.importing.references import is_far, path_of, references
from klarfall.knowledge.models import Article, ArticleKind, Edition, MediaUse, Visibility
from klarfall.knowledge.status import EditionStatus
from klarfall.tickets import file_names, file_types

_PICTURES = frozenset(("png", "jpg", "jpeg", "webp", "gif"))
_FILMS = frozenset(("mp4", "webm", "m4v"))
_WAITING = (EditionStatus.REVIEW, EditionStatus.SCHEDULED)


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What counts where a file says nothing: chosen by who imports."""

    product: Product | None = None
    kind: str = ArticleKind.KNOWLEDGE.value
    visibility: str = Visibility.CUSTOMERS.value
    language: str = "de"


@dataclass(frozen=True)
class Step:
    """One article in one language as it would be imported; `article` is the one that is there already."""

    text: Text
    product: Product
    area: Area | None
    kind: str
    visibility: str
    language: str
    version_from: ProductVersion | None
    version_to: ProductVersion | None
    article: Article | None
    #: There is an edition in this language already.
    known: bool


@dataclass(frozen=True)
class Plan:
    """All steps, articles that others name first by id; and every problem."""

    batch: Batch
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]

    @property
    def new(self) -> int:
        """Editions that are not there yet."""
        return sum(not one.known for one in self.steps)

    @property
    def known(self) -> int:
        """Editions that are there already, and changed where the files say something else."""
        return sum(one.known for one in self.steps)


def plan(batch: Batch, defaults: Defaults | None = None) -> Plan:
    """Look everything up in a handful of queries; whatever is wrong is a problem. Runs as staff or the system."""
    planner = _Planner(batch, defaults or Defaults())
    steps = [step for text in batch.texts if (step := planner.step(text)) is not None]
    for step in steps:
        planner.check_references(step.text)
    problems = tuple(sorted((*batch.problems, *planner.problems), key=lambda one: (one.file, one.line or 0)))
    return Plan(batch, tuple(sorted(steps, key=lambda one: (one.text.source_id, one.language))), problems)


def use_of(path: str) -> str | None:
    """What a file of the package is for, by its ending; None where articles cannot have it."""
    extension = file_names.extension(path)
    if extension in _PICTURES:
        return MediaUse.PICTURE.value
    if extension in _FILMS:
        return MediaUse.VIDEO.value
    return MediaUse.FILE.value if extension in file_types.TYPES else None


@dataclass
class _Planner:
    batch: Batch
    defaults: Defaults
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.products = _by_name((one, (one.code, one.name)) for one in Product.objects.filter(active=True))
        self.areas = {(one.product_id, one.name.lower()): one for one in Area.objects.filter(active=True)}
        self.versions = {(one.product_id, one.name.lower()): one for one in ProductVersion.objects.all()}
        ids = {text.source_id for text in self.batch.texts}
        self.articles = {one.source_id: one for one in Article.objects.filter(source_id__in=ids)}
        rows = Edition.objects.filter(article__in=[one.pk for one in self.articles.values()])
        self.editions: dict[tuple[int, str], set[str]] = {}
        for article, language, status in rows.values_list("article_id", "language", "status"):
            self.editions.setdefault((article, language), set()).add(status)
        self.paths = {text.file for text in self.batch.texts}
        self.named = ids | self._ids_named_elsewhere(ids)

    def _ids_named_elsewhere(self, ids: set[str]) -> set[str]:
        """Ids of articles that are no part of the package, but named by it and there."""
        named = {
            one.address.removeprefix("article:").partition("#")[0]
            for text in self.batch.texts
            for one in references(text.body)
            if one.address.startswith("article:")
        } - ids
        return set(Article.objects.filter(source_id__in=named).values_list("source_id", flat=True)) if named else set()

    def step(self, text: Text) -> Step | None:
        """The step of a text; None where a problem leaves it out."""
        product = self.products.get(text.product.lower()) if text.product else self.defaults.product
        if product is None:
            words = _("There is no product “%(name)s”.") % {"name": text.product}
            self._problem(text, "product", words if text.product else _("This article names no product."))
            return None
        language = text.language or self.defaults.language
        article = self.articles.get(text.source_id)
        states = self.editions.get((article.pk, language), set()) if article else set()
        if states & {str(one) for one in _WAITING}:
            words = _("A new edition of this article is in review or scheduled. It is left as it is.")
            self._problem(text, "id", words)
            return None
        return Step(
            text=text, product=product, area=self._area(text, product),
            kind=text.kind or self.defaults.kind, visibility=text.visibility or self.defaults.visibility,
            language=language, version_from=self._version(text, "version_from", product),
            version_to=self._version(text, "version_to", product), article=article, known=bool(states),
        )  # fmt: skip

    def _area(self, text: Text, product: Product) -> Area | None:
        if not text.area:
            return None
        found = self._of_product(self.areas, product, text.area)
        if found is None:
            words = _("“%(product)s” has no area “%(name)s”: the article is imported without one.")
            self._problem(text, "area", words % {"product": product.name, "name": text.area}, fatal=False)
        return found

    def _version(self, text: Text, name: str, product: Product) -> ProductVersion | None:
        wanted: str = getattr(text, name)
        if not wanted:
            return None
        found = self._of_product(self.versions, product, wanted)
        if found is None:
            words = _("“%(product)s” has no version “%(name)s”: the article is imported without it.")
            self._problem(text, name, words % {"product": product.name, "name": wanted}, fatal=False)
        return found

    def _of_product(self, rows: dict[tuple[int, str], Any], product: Product, name: str) -> Any:
        return rows.get((product.pk, name.lower())) or rows.get((product.parent_id or 0, name.lower()))

    def check_references(self, text: Text) -> None:
        """Name every link and picture of a text that leads nowhere."""
        for one in references(text.body, text.first_line):
            words = self._trouble(text, one.address)
            if words is not None:
                self.problems.append(Problem(text.file, words, one.line, fatal=False))

    def _trouble(self, text: Text, address: str) -> str | None:
        if is_far(address):
            return None
        if address.startswith("article:"):
            wanted = address.removeprefix("article:").partition("#")[0]
            known = wanted.isdigit() or wanted in self.named
            return None if known else _("There is no article of this id: %(id)s") % {"id": wanted[:100]}
        path, _anchor = path_of(text.file, address)
        if not path or path not in self.batch.package.names:
            return _("This file is no part of the package: %(name)s") % {"name": address[:200]}
        if path not in self.paths and use_of(path) is None:
            return _("Articles cannot have files of this type: %(name)s") % {"name": path}
        return None

    def _problem(self, text: Text, name: str, message: str, *, fatal: bool = True) -> None:
        self.problems.append(Problem(text.file, message, text.line(name) or text.first_line, fatal))


def _by_name(rows: Iterable[tuple[Product, tuple[str, ...]]]) -> dict[str, Product]:
    return {name.lower(): row for row, names in rows for name in names}
