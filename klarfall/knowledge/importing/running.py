"""Carry an import out: each article by itself, so that one that fails never costs the others. Safe to repeat."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.base import File
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.core.action import Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge import own_addresses, storing
from klarfall.knowledge.actions.articles import (
    ArticleData,
    Content,
    change_article,
    create_article,
    discard_draft,
    publish_edition,
    save_draft,
    start_edition,
)
from klarfall.knowledge.actions.importing import note_import
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.importing.package import Problem
from klarfall.knowledge.importing.planning import Plan, Step, use_of
from klarfall.knowledge.importing.references import is_far, path_of, rewritten
from klarfall.knowledge.models import Article, Edition, Media, MediaUse
from klarfall.knowledge.status import EditionStatus

_PIECE = 1 << 16
_log = logging.getLogger(__name__)


@dataclass
class Result:
    """What an import has done, by ids of the sources."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def run(plan: Plan, *, publish: bool, announce: bool = False, actor: User, now: datetime) -> Result:
    """Write what a plan says; with `publish` it comes out at once, else it waits as drafts.

    What is there already and says the same is left alone. Subscribers are told only if `announce` says so.
    """
    permissions.require("article.import", actor)
    with viewing_as(SYSTEM, actor_id=actor.pk):
        runner = Runner(plan, publish, announce=announce, actor=actor, now=now)
        started = [step for step in plan.steps if runner.begin(step)]
        for step in started:
            runner.finish(step)
    return runner.result


class Runner:
    """Writes the steps of a plan one by one, each safe to repeat; `result` says what became of them."""

    def __init__(self, plan: Plan, publish: bool, *, announce: bool, actor: User, now: datetime) -> None:
        self.plan, self.publish, self.announce, self.actor, self.now = plan, publish, announce, actor, now
        self.result = Result()
        self.package = plan.batch.package
        self.sources = {step.text.file: step.text.source_id for step in plan.steps}
        self.articles: dict[str, Article] = {step.text.source_id: step.article for step in plan.steps if step.article}

    def begin(self, step: Step) -> bool:
        """Make sure that the article exists, so that others can name it."""
        if step.text.source_id in self.articles:
            return True
        try:
            edition = create_article(
                kind=step.kind, product=step.product, area=step.area, visibility=step.visibility,
                language=step.language, content=Content(title=step.text.title), source_id=step.text.source_id,
                actor=self.actor, now=self.now,
            )  # fmt: skip
        except Refused as refused:
            self._problem(step, str(refused.message))
            return False
        self.articles[step.text.source_id] = edition.article
        return True

    def finish(self, step: Step) -> str:
        """Write the words and files of an edition: new, changed or same; left_out on a refusal, then nothing stays."""
        try:
            with transaction.atomic():
                outcome = self._write(step)
        except Refused as refused:
            return self._left_out(step, str(refused.message))
        except DatabaseError:
            _log.exception("an article could not be imported")
            return self._left_out(step, _("This article could not be stored."))
        getattr(self.result, outcome).append(step.text.source_id)
        return outcome

    def _left_out(self, step: Step, message: str) -> str:
        self._problem(step, message)
        self.undo(step)
        return "left_out"

    def undo(self, step: Step) -> None:
        """An article of which nothing was written but its title goes again; whoever began it, and when."""
        article = self.articles.get(step.text.source_id)
        empty = {"body": "", "summary": "", "saved": 1, "number": 1}
        drafts = Edition.objects.filter(article=article, status=EditionStatus.DRAFT, language=step.language, **empty)
        if article is not None and (draft := drafts.first()) is not None:
            discard_draft(draft, actor=self.actor, now=self.now)

    def _write(self, step: Step) -> str:
        article = self._in_line(step)
        current = self._editions(article, step, EditionStatus.PUBLISHED).first()
        draft = self._editions(article, step, EditionStatus.DRAFT).first()
        content = self._content(step, article)
        newest = draft or current
        if newest is not None and _says(newest, content) and not (self.publish and newest is draft):
            return "same"
        is_shell = draft is not None and not (draft.body or draft.summary) and (draft.number, draft.saved) == (1, 1)
        outcome = "changed" if step.known and not is_shell else "new"
        if draft is None:
            draft = start_edition(article, language=step.language, actor=self.actor, now=self.now)
        draft = save_draft(draft, content=content, saved=draft.saved, actor=self.actor, now=self.now)
        if self.publish:
            publish_edition(draft, actor=self.actor, now=self.now)
        note_import(article, language=step.language, outcome=outcome, actor=self.actor, now=self.now)
        return outcome

    def _editions(self, article: Article, step: Step, status: str) -> QuerySet[Edition]:
        rows: QuerySet[Edition] = Edition.objects.filter(article=article, language=step.language, status=status)
        return rows

    def _in_line(self, step: Step) -> Article:
        """The article as it is now, moved to what the file says of product, area, kind and readers."""
        article: Article = Article.objects.select_related("product", "area", "owner").get(
            pk=self.articles[step.text.source_id].pk
        )
        if step.article is None:
            return article
        wanted = ArticleData(
            kind=step.kind, product=step.product, area=step.area, visibility=step.visibility,
            owner=article.owner, review_on=article.review_on, expires_on=article.expires_on,
        )  # fmt: skip
        return change_article(article, data=wanted, actor=self.actor, now=self.now)

    def _content(self, step: Step, article: Article) -> Content:
        text = step.text
        media = _Files(self, article, step)
        return Content(
            title=text.title, summary=text.summary, label=text.label, note=text.note,
            body=rewritten(text.body, lambda address: self._address(step, address, media)),
            version_from=step.version_from, version_to=step.version_to, announced=self.announce,
        )  # fmt: skip

    def _address(self, step: Step, address: str, media: "_Files") -> str:
        """The address of a link or picture with numbers of ours; what is not there stays as it was written."""
        if is_far(address):
            return own_addresses.named(address)
        if address.startswith("article:"):
            wanted, _hash, anchor = address.removeprefix("article:").partition("#")
            return self._article(wanted, anchor) or address
        path, anchor = path_of(step.text.file, address)
        if path in self.sources:
            return self._article(self.sources[path], anchor) or address
        if path in self.package.names and use_of(path) is not None:
            return f"media:{media.of(path)}"
        return address

    def _article(self, source_id: str, anchor: str) -> str:
        found = self.articles.get(source_id) or Article.objects.filter(source_id=source_id).first()
        return f"article:{found.pk}{f'#{anchor}' if anchor else ''}" if found else ""

    def _problem(self, step: Step, message: str) -> None:
        self.result.problems.append(Problem(step.text.file, message, step.text.first_line))


class _Files:
    """The files of one article while it is written: what is there already is not stored twice."""

    def __init__(self, runner: Runner, article: Article, step: Step) -> None:
        self.runner, self.article, self.step = runner, article, step
        rows = Media.objects.filter(article=article, removed_at__isnull=True).defer("text")
        self.there = {(one.use, one.language, one.sha256): one.pk for one in rows}
        self.done: dict[str, int] = {}

    def of(self, path: str) -> int:
        """The number of a file of the package, with everything that belongs to a video."""
        if path not in self.done:
            use = use_of(path) or MediaUse.FILE.value
            self.done[path] = self._add(path, use)
            if use == MediaUse.VIDEO:
                for beside, what, language in self._beside(path):
                    self._add(beside, what, language)
        return self.done[path]

    def _beside(self, path: str) -> Iterator[tuple[str, str, str]]:
        """Captions (`film.de.vtt`), chapters (`film.chapters.de.vtt`) and poster (`film.png`) of a video."""
        stem = str(PurePosixPath(path).with_suffix(""))
        for other in sorted(self.runner.package.names):
            if not other.startswith(f"{stem}.") or other == path:
                continue
            words = other[len(stem) + 1 :].lower().split(".")
            if words[-1] == "vtt":
                use = MediaUse.CHAPTERS if {"chapters", "kapitel"} & set(words) else MediaUse.CAPTIONS
                yield other, use.value, "en" if "en" in words else "de"
            elif use_of(other) == MediaUse.PICTURE:
                yield other, MediaUse.POSTER.value, ""

    def _add(self, path: str, use: str, language: str = "") -> int:
        name = PurePosixPath(path).name
        try:
            with self.runner.package.unpacked(path) as content:
                known = self.there.get((use, language, _digest(storing.checked(File(content, name), use).file)))
                if known is not None:
                    return known
                content.seek(0)
                row = add_media(
                    self.article, file=File(content, name), use=use, language=language,
                    actor=self.runner.actor, now=self.runner.now,
                )  # fmt: skip
        except Refused as refused:
            words = _("“%(name)s”: %(reason)s") % {"name": path, "reason": refused.message}
            raise Refused(words) from refused
        return row.pk


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _says(edition: Edition, content: Content) -> bool:
    """Whether an edition says already what a file says."""
    versions = (content.version_from.pk if content.version_from else None,
                content.version_to.pk if content.version_to else None)  # fmt: skip
    words = (" ".join(content.title.split()), " ".join(content.summary.split()), content.body.strip(), content.label)
    return words == (edition.title, edition.summary, edition.body, edition.label) and versions == (
        edition.version_from_id,
        edition.version_to_id,
    )
