"""Lock an article before anything of it is changed: one order for everybody, so no deadlocks."""

from klarfall.knowledge.models import Article, Edition


def locked(article: Article) -> Article:
    """The article as it is now, locked until the end of the transaction; rows may refer to it meanwhile."""
    rows = Article.objects.select_for_update(of=("self",), no_key=True)
    found: Article = rows.select_related("product").get(pk=article.pk)
    return found


def locked_edition(edition: Edition) -> tuple[Edition, Article]:
    """An edition as it is now, under the lock of its article. Raises Edition.DoesNotExist for a discarded draft."""
    article = locked(Article(pk=edition.article_id))
    fresh: Edition = Edition.objects.select_related("changed_by", "version_from", "version_to").get(pk=edition.pk)
    fresh.article = article
    return fresh, article
