"""Subscribers hear of new help once, if they may read it: at once or collected, whatever breaks meanwhile."""

from datetime import timedelta

import pytest
from django.core import mail as outbox

from klarfall.channels import notices
from klarfall.channels.models import Notice
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge import announcing
from klarfall.knowledge.actions.articles import (
    ArticleData,
    Content,
    change_article,
    publish_edition,
    save_draft,
    start_edition,
)
from klarfall.knowledge.actions.shelf import withdraw_article
from klarfall.knowledge.actions.subscriptions import SubscriptionRefused, subscribe, unsubscribe
from klarfall.knowledge.announcing import due_since
from klarfall.knowledge.models import Article, Edition, Subscription, SubscriptionNews
from klarfall.knowledge.tests.help_steps import make_article, republish
from tests.cast import NOW, berlin, fresh, make_contact
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
BEFORE = NOW - timedelta(days=40)


@pytest.fixture
def told(cast):
    """Subscribes a contact to updates of the ERP product, unless the arguments say otherwise."""

    def make(contact, *, product=None, kinds=("update",), pace="each", now=BEFORE):
        return subscribe(contact, product=product or cast.erp, kinds=kinds, pace=pace, actor=contact.user, now=now)

    return make


def update(cast, **fields):
    return make_article(cast.erp, cast.dora, kind="update", title="Neu in 8.4.2", **fields)


def announced(article, now=NOW):
    """The job of its publication, at an instant of the story."""
    with viewing_as(SYSTEM):
        edition = Edition.objects.get(article=article, status="published", language="de")
    announcing.announce(edition.pk, now=now)
    return article


def mails_to(name):
    return [one for one in outbox.outbox if name in one.to[0].lower()]


def count(model, **filters):
    with viewing_as(SYSTEM):
        return model.objects.filter(**filters).count()


def test_a_new_update_description_is_told_once(cast, told):
    told(cast.bernd)
    article = update(cast)
    run_jobs()
    (found,) = mails_to("bernd")
    assert "Neu in 8.4.2" in found.subject
    assert "Kurz gesagt." in found.body
    with viewing_as(SYSTEM):
        edition = Edition.objects.get(article=article)
    for _again in range(2):
        announcing.announce(edition.pk, now=NOW)
    republish(article, cast.dora, now=NOW + timedelta(days=1))
    republish(article, cast.dora, now=NOW + timedelta(days=2), language="en")
    run_jobs()
    assert len(mails_to("bernd")) == 1
    assert count(SubscriptionNews) == 1


def renewed(article, cast, note="Neu: der Umzug.", *, language="de", announced=True, now=NOW):
    """The next edition comes out, with what its editor says of it."""
    draft = start_edition(article, language=language, actor=cast.dora, now=now)
    content = Content(
        title=draft.title, summary=draft.summary, body=f"{draft.body} {note}", note=note, announced=announced
    )
    draft = save_draft(draft, content=content, saved=draft.saved, actor=cast.dora, now=now)
    return publish_edition(draft, actor=cast.dora, now=now)


def test_an_edition_that_says_what_is_different_is_told_once_where_its_editor_wants_that(cast, told):
    told(cast.bernd)
    article = update(cast)
    run_jobs()
    second = renewed(article, cast, now=NOW + timedelta(days=1))
    run_jobs()
    assert ["Neu: der Umzug." in one.body for one in mails_to("bernd")] == [False, True]
    announcing.announce(second.pk, now=NOW + timedelta(days=1))
    renewed(article, cast, announced=False, now=NOW + timedelta(days=2))
    renewed(article, cast, "", now=NOW + timedelta(days=3))
    run_jobs()
    assert len(mails_to("bernd")) == 2
    third = renewed(article, cast, "Noch mehr.", now=NOW + timedelta(days=4))
    told(cast.astrid, now=NOW + timedelta(days=3))
    run_jobs()
    assert len(mails_to("bernd")) == 3
    assert ["Noch mehr." in one.body for one in mails_to("astrid")] == [True], "she subscribed before this one"
    announcing.announce(third.pk, now=NOW + timedelta(days=5))
    assert count(SubscriptionNews, edition=third) == 2


def test_of_two_languages_everybody_hears_of_their_own(cast, told):
    told(cast.bernd)
    article = update(cast)
    republish(article, cast.dora, language="en")
    run_jobs()
    renewed(article, cast, "What is new.", language="en", now=NOW + timedelta(days=1))
    run_jobs()
    assert len(mails_to("bernd")) == 1, "he reads German"
    renewed(article, cast, now=NOW + timedelta(days=2))
    run_jobs()
    assert len(mails_to("bernd")) == 2


def change(article, cast, **given):
    with viewing_as(SYSTEM):
        now = Article.objects.select_related("product", "area").get(pk=article.pk)
    facts = {"kind": now.kind, "product": now.product, "area": now.area, "visibility": now.visibility, **given}
    change_article(now, data=ArticleData(**facts), actor=cast.dora, now=NOW)


def test_who_may_read_an_article_only_now_is_told_then_and_nobody_twice(cast, told):
    make_article(cast.other, cast.dora, visibility="signed_in", title="Für alle", now=BEFORE)
    told(cast.bernd, product=cast.other)
    told(cast.clara, product=cast.other)
    article = make_article(cast.other, cast.dora, kind="update", title="Nur mit Lager")
    run_jobs()
    assert (len(mails_to("bernd")), len(mails_to("clara"))) == (0, 1)
    told(cast.astrid, product=cast.other)
    change(article, cast, visibility="signed_in")
    run_jobs()
    assert [len(mails_to(name)) for name in ("bernd", "clara", "astrid")] == [1, 1, 1]
    change(article, cast, visibility="public")
    announcing.announce_wider(article.pk, "customers", cast.other.pk, now=NOW)
    run_jobs()
    assert [len(mails_to(name)) for name in ("bernd", "clara", "astrid")] == [1, 1, 1]


def test_who_could_read_it_before_is_not_told_when_its_circle_grows(cast, told):
    article = make_article(cast.erp, cast.dora, kind="update", title="Neu in 8.4.2", now=BEFORE)
    told(cast.bernd, now=NOW - timedelta(days=1))
    change(article, cast, visibility="public")
    run_jobs()
    assert mails_to("bernd") == []


def test_what_no_editor_announced_is_not_told_when_its_circle_grows(cast, told):
    told(cast.bernd)
    article = update(cast, visibility="internal", announced=False)
    change(article, cast, visibility="customers")
    run_jobs()
    assert mails_to("bernd") == []
    loud = update(cast, visibility="internal")
    change(loud, cast, visibility="customers")
    run_jobs()
    assert len(mails_to("bernd")) == 1


def test_whoever_subscribes_later_hears_of_nothing_that_was_there_before(cast, told):
    article = update(cast, now=NOW - timedelta(days=5))
    told(cast.bernd, now=NOW - timedelta(days=1))
    announced(article)
    republish(article, cast.dora, now=NOW)
    run_jobs()
    assert mails_to("bernd") == []


def test_only_the_kinds_that_were_chosen(cast, told):
    told(cast.bernd, kinds=("update", "video"))
    make_article(cast.erp, cast.dora, kind="knowledge")
    run_jobs()
    assert mails_to("bernd") == []


def test_an_edition_that_is_not_announced_is_not_told(cast, told):
    told(cast.bernd)
    update(cast, announced=False)
    run_jobs()
    assert mails_to("bernd") == []


def test_what_one_may_not_read_is_never_told(cast, told):
    """Acme has no contract for the other product; internal articles are for nobody outside."""
    make_article(cast.other, cast.dora, visibility="signed_in", title="Für alle", now=BEFORE)
    told(cast.bernd, product=cast.other)  # there is something for everybody to read
    told(cast.clara, product=cast.other)
    make_article(cast.other, cast.dora, kind="update", title="Nur mit Lager")
    make_article(cast.other, cast.dora, kind="update", title="Intern", visibility="internal")
    run_jobs()
    assert mails_to("bernd") == []
    assert [one.subject.count("Nur mit Lager") for one in mails_to("clara")] == [1]
    assert "Intern" not in "".join(one.body + one.subject for one in outbox.outbox)
    assert count(SubscriptionNews) == 1


def test_a_contact_who_left_hears_nothing(cast, told):
    told(cast.bernd)
    told(cast.astrid)
    with viewing_as(SYSTEM):
        type(cast.bernd).objects.filter(pk=cast.bernd.pk).update(is_active=False)
    update(cast)
    run_jobs()
    assert mails_to("bernd") == []
    assert len(mails_to("astrid")) == 1


def test_what_was_withdrawn_before_its_mail_is_left_out(cast, told):
    told(cast.bernd)
    article = update(cast)
    run_jobs("knowledge.announce")
    withdraw_article(article, actor=cast.dora, now=NOW)
    run_jobs()
    assert mails_to("bernd") == []


def test_who_switched_news_off_gets_none(cast, told):
    told(cast.bernd)
    with viewing_as(SYSTEM):
        type(cast.bernd.user).objects.filter(pk=cast.bernd.user_id).update(muted_notices=["news"])
    update(cast)
    run_jobs()
    assert mails_to("bernd") == []
    assert count(SubscriptionNews, told_at__isnull=True) == 0


def test_a_worker_that_dies_anywhere_tells_nobody_twice_and_forgets_nobody(cast, told, monkeypatch):
    """Killed at every single subscriber once: what the part has told is rolled back with it, and told again."""
    people = [make_contact(f"Leser{number}", cast.acme) for number in range(5)]
    for one in people:
        told(one)
    monkeypatch.setattr(announcing, "_AT_ONCE", 2)
    article = update(cast)
    with viewing_as(SYSTEM):
        edition = Edition.objects.get(article=article)
    real, deaths = notices.tell, iter(range(1, 6))

    class Killed(BaseException):
        pass

    def tell(user, **values):
        """Tells, and dies right after it."""
        made = real(user, **values)
        if next(calls) == dies_at:
            raise Killed
        return made

    monkeypatch.setattr(notices, "tell", tell)
    for dies_at in deaths:
        calls = iter(range(1, 100))
        with pytest.raises(Killed) if dies_at <= _left(article) else _nothing():
            announcing.announce(edition.pk, now=NOW)
    monkeypatch.setattr(notices, "tell", real)
    run_jobs()
    assert [len(mails_to(f"leser{number}")) for number in range(5)] == [1] * 5
    assert count(Notice, kind="help_news") == count(SubscriptionNews) == 5


def _left(article):
    return 5 - count(SubscriptionNews, article=article)


class _nothing:  # noqa: N801 - reads like pytest.raises
    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False


@pytest.mark.parametrize(
    ("pace", "now", "since"),
    [
        ("daily", "2026-11-24 06:59", "2026-11-23 07:00"), ("daily", "2026-11-24 07:00", "2026-11-24 07:00"),
        ("weekly", "2026-11-24 07:00", "2026-11-23 07:00"), ("weekly", "2026-11-23 06:59", "2026-11-16 07:00"),
        ("daily", "2026-10-25 09:00", "2026-10-25 07:00"), ("weekly", "2026-10-26 07:00", "2026-10-26 07:00"),
        ("weekly", "2026-03-30 06:59", "2026-03-23 07:00"),
    ],
)  # fmt: skip
def test_digests_go_out_at_seven_by_the_clock_of_the_house(cast, pace, now, since):
    with viewing_as(SYSTEM):
        assert due_since(pace, berlin(now)) == berlin(since)


def test_a_digest_lists_everything_once(cast, told):
    told(cast.bernd, pace="daily", kinds=("update", "knowledge"))
    for title in ("Neu in 8.4.2", "Neu in 8.4.3"):
        announced(make_article(cast.erp, cast.dora, kind="update", title=title, now=NOW))
    run_jobs()
    assert mails_to("bernd") == []
    announcing.send_digests(NOW)
    run_jobs()
    assert mails_to("bernd") == [], "what came out today waits for tomorrow"
    for hours in (0, 1):
        announcing.send_digests(berlin("2026-11-25 07:00") + timedelta(hours=hours))
        run_jobs()
    (found,) = mails_to("bernd")
    assert all(found.body.count(title) >= 1 for title in ("Neu in 8.4.2", "Neu in 8.4.3"))
    announcing.send_digests(berlin("2026-11-26 07:00"))
    run_jobs()
    assert len(mails_to("bernd")) == 1, "nothing new, no mail"


def test_a_digest_leaves_out_what_went_away_and_tells_it_when_it_is_back(cast, told):
    told(cast.bernd, pace="weekly")
    stays = announced(update(cast))
    goes = announced(make_article(cast.erp, cast.dora, kind="update", title="Zurückgezogen"))
    withdraw_article(goes, actor=cast.dora, now=NOW)
    announcing.send_digests(berlin("2026-11-30 07:30"))
    run_jobs()
    (found,) = mails_to("bernd")
    assert "Zurückgezogen" not in found.body + found.subject
    assert fresh(stays).live
    republish(goes, cast.dora, now=berlin("2026-12-01 09:00"))
    announcing.send_digests(berlin("2026-12-07 07:30"))
    run_jobs()
    assert "Zurückgezogen" in mails_to("bernd")[1].subject


def test_a_digest_whose_worker_dies_is_sent_once(cast, told, monkeypatch):
    told(cast.bernd, pace="daily")
    announced(update(cast))
    at, real = berlin("2026-11-25 07:00"), notices.tell

    def dies(user, **values):
        real(user, **values)
        raise KeyboardInterrupt

    monkeypatch.setattr(notices, "tell", dies)
    with pytest.raises(KeyboardInterrupt):
        announcing.send_digests(at)
    monkeypatch.setattr(notices, "tell", real)
    announcing.send_digests(at)
    announcing.send_digests(at)
    run_jobs()
    assert len(mails_to("bernd")) == 1


def test_what_waits_is_told_when_the_pace_becomes_at_once(cast, told):
    told(cast.bernd, pace="weekly")
    announced(update(cast))
    told(cast.bernd, pace="each")
    announcing.send_digests(NOW + timedelta(minutes=30))
    run_jobs()
    assert len(mails_to("bernd")) == 1


def test_every_mail_leads_out_by_one_click_and_its_copy_does_not(cast, told, client):
    subscription = told(cast.bernd)
    update(cast)
    run_jobs()
    (found,) = mails_to("bernd")
    address = found.extra_headers["List-Unsubscribe"].strip("<>")
    assert found.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in found.body
    with viewing_as(SYSTEM):
        kept = Notice.objects.get(kind="help_news")
    assert "unsubscribe/" not in kept.text + kept.html
    path = address.partition("//")[2].partition("/")[2]
    assert client.get(f"/{path}").status_code == 200
    assert count(Subscription) == 1, "looking at it ends nothing"
    client.handler.enforce_csrf_checks = True
    assert client.post(f"/{path}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert count(Subscription, pk=subscription.pk) == 0
    assert client.post(f"/{path}").status_code == 200
    assert client.post(f"/{path[:-3]}x/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kinds": ()}, "kinds"), ({"kinds": ("update", "x")}, "kinds"), ({"pace": "hourly"}, "pace")],
)
def test_a_wrong_choice_is_refused(wrong, field, cast, told):
    with pytest.raises(SubscriptionRefused) as refused:
        told(cast.bernd, **wrong)
    assert refused.value.field == field


def test_nobody_subscribes_to_what_they_cannot_read_or_for_somebody_else(cast, told):
    with pytest.raises(SubscriptionRefused):
        told(cast.bernd, product=cast.other)
    given = {"product": cast.erp, "kinds": ["update"], "pace": "each", "now": NOW}
    for actor in (cast.clara.user, cast.astrid.user, cast.dora):
        with pytest.raises(NotAllowed):
            subscribe(cast.bernd, **given, actor=actor)
    mine = told(cast.bernd)
    with pytest.raises(NotAllowed):
        unsubscribe(mine, actor=cast.astrid.user, now=NOW)
