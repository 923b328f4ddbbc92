"""The page of the interface terms: preview without storing, saving, refusing, resetting."""

import pytest
from django.urls import reverse

from klarfall.core import renamed_texts
from klarfall.core.models import VendorProfile
from klarfall.core.words import TERMS
from klarfall.desk.forms.words import PURPOSES, WordsForm
from klarfall.desk.word_preview import MAIL, PAGES
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
PATH = "/desk/settings/words/"


@pytest.fixture
def admins(cast, desk_of):
    return desk_of(make_staff("Adelheid", "administrator"))


def typed(**changes):
    """The form as it stands, with changes."""
    return WordsForm(table={}).initial | changes


def stored():
    return (VendorProfile.objects.filter(pk=1).values_list("words", flat=True).first()) or {}


def test_every_term_has_a_purpose_and_its_fields(admins):
    html = admins.get(PATH).content.decode()
    assert PURPOSES.keys() == TERMS.keys()
    assert [key for key in TERMS if f'name="{key}_de_one"' not in html or f'name="{key}_en_many"' not in html] == []


def test_the_preview_says_sentences_with_new_words_and_stores_nothing(admins):
    form = typed(request_de_one="Vorgang", request_de_gender="m", request_en_one="enquiry", preview="1")
    html = admins.post(PATH, form).content.decode()
    for sentence in ("Neuer Vorgang", "Dieser Vorgang ist abgeschlossen. Er muss", "Ihr Vorgang „", "This enquiry is"):
        assert sentence in html
    assert 'value="Vorgänge"' in html
    assert stored() == {}


def test_saving_stores_what_was_changed_and_only_that(admins):
    answer = admins.post(PATH, typed(offer_de_one="Kosteninfo", offer_de_gender="f"))
    assert (answer.status_code, answer["Location"]) == (303, PATH)
    assert stored().keys() == {"offer"}
    assert stored()["offer"]["de"]["many"] == "Kosteninfos"


def test_a_refused_word_is_told_at_its_field(admins):
    answer = admins.post(PATH, typed(offer_de_one="<b>", offer_de_gender="f"))
    assert answer.status_code == 422
    assert 'id="id_offer_de_one_error"' in answer.content.decode()
    assert stored() == {}


def test_a_term_goes_back_to_its_default(admins):
    admins.post(PATH, typed(offer_de_one="Kosteninfo", offer_de_gender="f"))
    assert 'value="offer"' in admins.get(PATH).content.decode()
    admins.post(PATH, {"reset": "offer"})
    assert stored() == {}


def test_nobody_else_sees_the_page(desk_of, anna, dora):
    assert desk_of(anna).get(PATH).status_code == 404
    assert reverse("desk:words") == PATH


@pytest.mark.parametrize("text", [*PAGES, *MAIL])
def test_the_preview_shows_texts_that_exist(text):
    """A sentence that no page says any more has no German."""
    assert renamed_texts.say(text, {}, "de") != text


def test_every_term_stands_in_the_preview():
    def shown(words):
        return [renamed_texts.say(text, words, "de") for text in (*PAGES, *MAIL)]

    own = {key: {"de": {"one": f"Wort{at}", "gender": "n"}} for at, key in enumerate(TERMS)}
    everything = " ".join(shown(own))
    absent = [key for at, key in enumerate(TERMS) if f"Wort{at}" not in everything]
    assert absent == ["helpdesk", "help"]  # no text of the project says these yet
