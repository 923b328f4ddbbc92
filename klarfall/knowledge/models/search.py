"""What the search reads: entries with their postings, the words that occur, synonyms, and what was not found."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from klarfall.contracts.models.product import Area, Product
from klarfall.core.isolation import Viewer
from klarfall.core.published import Published
from klarfall.knowledge import reach
from klarfall.knowledge.models.article import Article, ArticleKind
from klarfall.knowledge.reach import Visibility


class SearchEntry(Published):
    """What can be found: an article in one language, or a chapter of a manual. Made of the current edition by a job."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    language = models.CharField(max_length=2)
    #: Anchor of the chapter; empty = the article as a whole.
    anchor = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=12, choices=ArticleKind.choices)
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, models.SET_NULL, null=True, related_name="+")
    visibility = models.CharField(max_length=10, choices=Visibility.choices)
    live = models.BooleanField()
    #: Days on which the first and last version it holds for came out; empty = open.
    version_from = models.DateField(null=True)
    version_to = models.DateField(null=True)
    #: The names of these versions, as they are shown; empty = open.
    version_from_name = models.CharField(max_length=40, blank=True)
    version_to_name = models.CharField(max_length=40, blank=True)
    #: A chapter belongs to a title of its own; empty for the article as a whole.
    article_title = models.CharField(max_length=300, blank=True)
    #: How long its video runs.
    seconds = models.PositiveIntegerField(null=True)
    changed_at = models.DateTimeField()
    #: Passages in order, the title first: [[text, terms of its words, anchor], ...] (search/documents.py).
    passages = models.JSONField(default=list)

    public_sql = reach.PUBLIC_SQL
    portal_sql = reach.PORTAL_SQL

    class Meta(Published.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "language", "anchor"], name="one_entry_per_chapter"),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """What everybody finds."""
        return reach.public()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact finds."""
        return reach.readable(viewer)


class Posting(Published):
    """That a term occurs in an entry, and how much that says; carries the entry's visibility for its policy."""

    entry = models.ForeignKey(SearchEntry, models.CASCADE, related_name="+", db_index=False)
    term = models.CharField(max_length=60)
    #: The part of BM25 that does not depend on the query, titles and headings weighing more.
    impact = models.FloatField()
    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_index=False)
    visibility = models.CharField(max_length=10)
    live = models.BooleanField()

    public_sql = reach.PUBLIC_SQL
    portal_sql = reach.PORTAL_SQL

    class Meta(Published.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "term"], name="term_once_per_entry"),
        ]
        indexes: ClassVar = [
            # Everything that the best postings of a term are chosen by stands in the index itself.
            models.Index(
                fields=["term", "-impact"], include=["entry", "product", "visibility", "live"], name="posting_by_impact"
            ),
        ]

    def __str__(self) -> str:
        return f"posting {self.pk}"

    @classmethod
    def public(cls) -> Q:
        """What everybody finds."""
        return reach.public()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Q:
        """What the contact finds."""
        return reach.readable(viewer)


class Word(models.Model):
    """A word as it is written in entries, the term it stands for, and in how many entries it occurs."""

    word = models.CharField(max_length=60, primary_key=True)
    term = models.CharField(max_length=60)
    entries = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.word


class Term(models.Model):
    """In how many entries a term occurs: rare ones say more."""

    term = models.CharField(max_length=60, primary_key=True)
    entries = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.term


class IndexState(models.Model):
    """The index as a whole: one row."""

    entries = models.PositiveIntegerField(default=0)
    #: Average number of words by field, as the impacts were reckoned with.
    averages = models.JSONField(default=dict)
    #: Changes with every change of the vocabulary, so that processes know when to read it anew.
    version = models.UUIDField()

    def __str__(self) -> str:
        return f"index {self.version}"


class SynonymGroup(models.Model):
    """Words that mean the same to readers; kept by editors beside the general list of the product."""

    words = ArrayField(models.CharField(max_length=60))
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SearchMiss(models.Model):
    """Words for which nothing fitting was found, without who looked for them."""

    words = models.CharField(max_length=120)
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="+")
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    #: An editor took care of it.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["words", "product"], nulls_distinct=False, name="one_miss_per_words"),
        ]
        indexes: ClassVar = [models.Index(fields=["-times", "-id"], name="miss_by_times")]

    def __str__(self) -> str:
        return f"miss {self.pk}"
