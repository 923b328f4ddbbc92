"""Articles from draft to shelf: who may what, locking, schedule, translations, restoring."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction

from klarfall.core.action import NotAllowed
from klarfall.core.isolation import NOBODY, SYSTEM, viewer_for, viewing_as
from klarfall.core.models import AuditEntry
from klarfall.core.workflow import TransitionNotAllowed
from klarfall.knowledge import history, keeping
from klarfall.knowledge.actions.articles import (
    ArticleData,
    ArticleRefused,
    Content,
    DraftChanged,
    EditionInWork,
    bring_back,
    change_article,
    discard_draft,
    publish_edition,
    restore_edition,
    save_draft,
    schedule_edition,
    send_back,
    start_edition,
    submit_edition,
    take_back,
    withdraw_article,
)
from klarfall.knowledge.actions.publishing import PublishRefused
from klarfall.knowledge.content import BodyRefused
from klarfall.knowledge.models import Article, ArticleUse, Edition
from klarfall.knowledge.tests.shelf import publish, write
from klarfall.knowledge.translations import tongues
from tests.cast import NOW, fresh, make_staff
from tests.queue import run_jobs, waiting_jobs

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def _names() -> list[str]:
    return [name for _id, name, _args in waiting_jobs()]


def _data(article: Article, **more: object) -> ArticleData:
    given = {"kind": article.kind, "product": article.product, "area": article.area, "visibility": article.visibility}
    return ArticleData(**{**given, "owner": article.owner, **more})


def test_a_specialist_writes_and_an_editor_brings_it_out(erp, anna, dora, system):
    draft = write(erp, anna, "Erst prüfen.", summary="Kurz.", title=" Lauf  zurücknehmen ")
    assert (draft.status, draft.number, draft.title, draft.article.live) == ("draft", 1, "Lauf zurücknehmen", False)
    with pytest.raises(NotAllowed):
        publish_edition(draft, actor=anna, now=NOW)
    submit_edition(draft, actor=anna, now=NOW)
    with pytest.raises(NotAllowed):
        send_back(draft, actor=anna, now=NOW)
    send_back(draft, reason="Bitte mit Bild.", actor=dora, now=NOW)
    assert (fresh(draft).remark, fresh(draft).note) == ("Bitte mit Bild.", "")
    submit_edition(draft, actor=anna, now=NOW)
    publish_edition(draft, actor=dora, now=LATER)
    out = fresh(draft)
    assert (out.status, out.reviewed_by, out.published_at, out.created_by) == ("published", dora, LATER, anna)
    article = fresh(draft.article)
    assert (article.live, article.published_at, article.changed_at, article.owner) == (True, LATER, LATER, anna)
    assert {"knowledge.index", "knowledge.announce"} <= set(_names())
    verbs = AuditEntry.objects.filter(subject_type="knowledge.article", subject_id=article.pk).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "article.created", "edition.submitted", "edition.sent_back", "edition.submitted", "edition.published",
    ]  # fmt: skip
    assert "Lauf" not in str(list(verbs.values_list("data", flat=True)))


def test_a_house_of_one_person_publishes_what_it_wrote(erp, system):
    alone = make_staff("Solo", "lead")
    out = publish(erp, alone, announced=False)
    assert (out.status, out.created_by, out.reviewed_by) == ("published", alone, alone)
    assert "knowledge.announce" not in _names()


def test_a_new_edition_supersedes_and_published_words_stay(erp, dora, system):
    first = publish(erp, dora, "Alt")
    second = start_edition(first.article, language="de", actor=dora, now=NOW)
    assert (second.number, second.body) == (2, "Alt")
    with pytest.raises(EditionInWork) as refused:
        start_edition(first.article, language="de", actor=dora, now=NOW)
    assert refused.value.edition == second
    save_draft(second, content=Content(title="Neu", body="Neu"), saved=1, actor=dora, now=NOW)
    publish_edition(second, actor=dora, now=LATER)
    assert (fresh(first).status, fresh(first).superseded_at, fresh(second).status) == ("superseded", LATER, "published")
    with pytest.raises(ArticleRefused):
        save_draft(second, content=Content(title="Anders", body="x"), saved=2, actor=dora, now=LATER)
    with pytest.raises(DatabaseError), transaction.atomic():
        Edition.objects.filter(pk=first.pk).update(body="gefälscht")
    restored = restore_edition(first, actor=dora, now=LATER)
    assert (restored.number, restored.body, restored.status) == (3, "Alt", "draft")


def test_who_saves_over_a_newer_text_gets_both(erp, anna, dora, system):
    draft = write(erp, anna, "Eins")
    mine, theirs = Content(title="T", body="Meins"), Content(title="T", body="Deins")
    assert save_draft(draft, content=theirs, saved=1, actor=dora, now=NOW).saved == 2
    with pytest.raises(DraftChanged) as refused:
        save_draft(draft, content=mine, saved=1, actor=anna, now=LATER)
    assert (refused.value.newer.body, refused.value.newer.saved) == ("Deins", 2)
    assert "Dora" in str(refused.value.message)
    save_draft(draft, content=theirs, saved=1, actor=anna, now=LATER)  # the same words are no conflict
    assert save_draft(draft, content=mine, saved=2, actor=anna, now=LATER).body == "Meins"


def test_a_page_whose_answer_was_lost_is_not_told_of_itself(erp, anna, dora, system):
    draft = write(erp, anna, "Eins")
    one, two, late = (Content(title="T", body=words) for words in ("Zwei", "Drei", "Veraltet"))
    save_draft(draft, content=one, saved=1, mark="seite:1", actor=anna, now=NOW)
    assert save_draft(draft, content=two, saved=1, mark="seite:10", actor=anna, now=NOW).body == "Drei"
    assert save_draft(draft, content=late, saved=1, mark="seite:9", actor=anna, now=NOW).body == "Drei"
    with pytest.raises(DraftChanged):
        save_draft(draft, content=late, saved=1, mark="andere:11", actor=anna, now=NOW)
    save_draft(draft, content=one, saved=3, actor=dora, now=NOW)
    with pytest.raises(DraftChanged):
        save_draft(draft, content=two, saved=1, mark="seite:12", actor=anna, now=LATER)


def test_in_review_only_who_may_publish_mends_words(erp, anna, dora, system):
    draft = submit_edition(write(erp, anna, "Eins"), actor=anna, now=NOW)
    with pytest.raises(ArticleRefused):
        save_draft(draft, content=Content(title="T", body="Zwei"), saved=1, actor=anna, now=NOW)
    assert save_draft(draft, content=Content(title="T", body="Zwei"), saved=1, actor=dora, now=NOW).saved == 2
    take_back(draft, actor=anna, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        take_back(draft, actor=anna, now=NOW)


def test_the_clock_brings_out_what_is_scheduled_once(erp, anna, dora, system):
    draft = write(erp, anna, "Bald.")
    at = NOW + timedelta(hours=2)
    with pytest.raises(PublishRefused) as refused:
        schedule_edition(draft, at=NOW, actor=dora, now=NOW)
    assert refused.value.field == "publish_at"
    schedule_edition(draft, at=at, actor=dora, now=NOW)
    assert keeping.publish_due(at - timedelta(seconds=1)) == 0
    assert keeping.publish_due(at) == 1
    assert keeping.publish_due(at + timedelta(minutes=1)) == 0
    out = fresh(draft)
    assert (out.status, out.published_at, out.reviewed_by, out.publish_at) == ("published", at, dora, None)
    last = AuditEntry.objects.order_by("pk").last()
    assert (last.verb, last.actor.kind) == ("edition.published", "system")


def test_one_edition_that_fails_does_not_hold_up_the_others(erp, dora, system):
    at = NOW + timedelta(hours=1)
    bad, good = (schedule_edition(write(erp, dora, "x"), at=at, actor=dora, now=NOW) for _each in range(2))
    Article.objects.filter(pk=bad.article_id).update(expires_on=date(2026, 1, 1))
    assert keeping.publish_due(at) == 1
    assert (fresh(bad).status, fresh(good).status) == ("scheduled", "published")


def test_withdrawing_takes_back_what_is_scheduled(erp, anna, dora, system):
    article = publish(erp, dora).article
    waiting = start_edition(article, language="de", actor=anna, now=NOW)
    schedule_edition(waiting, at=NOW + timedelta(hours=1), actor=dora, now=NOW)
    with pytest.raises(NotAllowed):
        withdraw_article(article, actor=anna, now=NOW)
    withdraw_article(article, actor=dora, now=NOW)
    assert (fresh(article).live, fresh(waiting).status) == (False, "draft")
    assert keeping.publish_due(NOW + timedelta(days=1)) == 0
    assert bring_back(article, actor=dora, now=LATER).live
    assert fresh(article).withdrawn_at is None


def test_articles_expire_and_come_back_without_that_day(erp, dora, system):
    article = publish(erp, dora).article
    change_article(article, data=_data(article, expires_on=date(2026, 11, 25)), actor=dora, now=NOW)
    assert keeping.expire_due(NOW) == 0
    assert keeping.expire_due(NOW + timedelta(days=1)) == 1
    assert not fresh(article).live
    back = bring_back(article, actor=dora, now=NOW + timedelta(days=2))
    assert (back.live, back.expires_on) == (True, None)


def test_nothing_comes_out_that_has_expired(erp, dora, system):
    draft = write(erp, dora, "x")
    schedule_edition(draft, at=NOW + timedelta(days=3), actor=dora, now=NOW)
    with pytest.raises(ArticleRefused):
        change_article(draft.article, data=_data(draft.article, expires_on=date(2026, 11, 26)), actor=dora, now=NOW)
    other = write(erp, dora, "x")
    change_article(other.article, data=_data(other.article, expires_on=date(2026, 11, 24)), actor=dora, now=NOW)
    with pytest.raises(PublishRefused) as refused:
        publish_edition(other, actor=dora, now=NOW)
    assert refused.value.field == "expires_on"


def test_owners_are_told_once_of_what_is_due(erp, anna, dora, system):
    due = publish(erp, dora, title="Zur Durchsicht").article
    change_article(due, data=_data(due, owner=anna, review_on=date(2026, 11, 20)), actor=dora, now=NOW)
    ending = publish(erp, dora, title="Läuft ab").article
    change_article(ending, data=_data(ending, owner=anna, expires_on=date(2026, 12, 1)), actor=dora, now=NOW)
    publish(erp, dora, title="Ruht")
    assert keeping.ask_owners(NOW) == 1
    assert keeping.ask_owners(NOW + timedelta(days=1)) == 0
    assert run_jobs(keeping.TELL_OWNER) == [keeping.TELL_OWNER]
    (sent,) = mail.outbox
    assert sent.to == ["Anna <anna@vendor.example>"]
    text = sent.body.lower()
    assert [title in text for title in ("zur durchsicht", "läuft ab", "ruht")] == [True, True, False]
    change_article(due, data=_data(due, owner=anna, review_on=date(2026, 12, 24)), actor=dora, now=NOW)
    assert keeping.ask_owners(NOW + timedelta(days=31)) == 1


def test_english_knows_that_german_is_newer(erp, dora, system):
    german = publish(erp, dora, "Deutsch")
    english = start_edition(german.article, language="en", actor=dora, now=NOW)
    assert (english.language, english.number, english.body) == ("en", 1, "Deutsch")
    publish_edition(english, actor=dora, now=LATER)
    assert [one.behind for one in tongues(german.article)] == [False, False]
    newer = start_edition(german.article, language="de", actor=dora, now=LATER)
    publish_edition(newer, actor=dora, now=LATER + timedelta(minutes=1))
    found = tongues(german.article)
    assert [(one.language, one.current, one.behind) for one in found] == [
        ("de", newer, False), ("en", english, True),
    ]  # fmt: skip


def test_discarding_the_only_draft_removes_the_article(erp, anna, dora, system, make_ticket):
    draft = write(erp, anna, "x")
    other = make_staff("Emil")
    with pytest.raises(NotAllowed):
        discard_draft(draft, actor=other, now=NOW)
    ticket = make_ticket()
    ArticleUse.objects.create(
        customer=ticket.customer, ticket=ticket, article=draft.article, source=True, created_by=anna, created_at=NOW
    )
    discard_draft(draft, actor=anna, now=NOW)
    assert [model.objects.count() for model in (Article, Edition, ArticleUse)] == [0, 0, 0]
    kept = publish(erp, dora)
    with pytest.raises(ArticleRefused):
        discard_draft(kept, actor=dora, now=NOW)


def test_what_cannot_be_right_is_refused_by_field(erp, other, anna, bernd, system):
    def field(**more: object) -> str | None:
        with pytest.raises((ArticleRefused, BodyRefused)) as refused:
            write(erp, anna, **more)
        return refused.value.field

    assert field(title="  ") == "title"
    assert field(title="x" * 201) == "title"
    assert field(summary="x" * 1001) == "summary"
    assert field(kind="poem") == "kind"
    assert field(visibility="nobody") == "visibility"
    assert field(language="fr") == "language"
    assert field(area=other.areas.get()) == "area"
    assert field(version_from=other.versions.get()) == "version_from"
    assert field(body="x" * 5_000_000) == "body"
    with pytest.raises(NotAllowed):
        write(erp, bernd.user)
    with pytest.raises(PublishRefused):
        publish(erp, make_staff("Leer", "lead"), "")
    assert Edition.objects.filter(status="published").count() == 0


def test_moving_to_another_product_empties_versions_and_needs_the_right(erp, other, anna, dora, system):
    out = publish(erp, dora, version_from=erp.versions.get())
    data = _data(out.article, product=other)
    with pytest.raises(NotAllowed):
        change_article(out.article, data=data, actor=anna, now=NOW)
    change_article(out.article, data=data, actor=dora, now=NOW)
    assert (fresh(out).version_from, fresh(out.article).product) == (None, other)
    assert _names().count("knowledge.index") == 2
    change_article(out.article, data=data, actor=dora, now=NOW)  # changes nothing
    assert _names().count("knowledge.index") == 2


def test_what_readers_may_read_follows_the_article(erp, anna, dora, bernd, clara):
    with viewing_as(SYSTEM):
        public = publish(erp, dora, visibility="public").article
        write(erp, anna)
    draft_free = {}
    for name, user in (("bernd", bernd.user), ("clara", clara.user)):
        with viewing_as(viewer_for(user, NOW.date())):
            draft_free[name] = set(Edition.objects.values_list("article_id", flat=True))
    assert draft_free == {"bernd": {public.pk}, "clara": {public.pk}}
    with viewing_as(NOBODY):
        assert [one.pk for one in Article.objects.all()] == [public.pk]


def test_differences_name_lines_and_words():
    found = history.difference("eins\nzwei drei vier\nfünf", "eins\nzwei neun vier\nfünf\nsechs")
    assert (found.came, found.went) == (2, 1)
    gone, new = found.lines[1], found.lines[2]
    assert [(one.mark, one.text) for one in gone.pieces] == [("same", "zwei "), ("gone", "drei"), ("same", " vier")]
    assert [(one.mark, one.text) for one in new.pieces] == [("same", "zwei "), ("new", "neun"), ("same", " vier")]
    assert history.difference("a\nb", "a\nb").is_empty
    long = "\n".join(str(one) for one in range(100))
    assert [one.mark for one in history.difference(long, f"{long}\nneu").lines] == ["gap", "same", "same", "new"]
    assert sum(one.count for one in history.difference(long, f"{long}\nneu").lines) == 101
