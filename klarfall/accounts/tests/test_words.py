"""Renaming the terms of the interface: what is stored, what is refused, what the trail says."""

import pytest

from klarfall.accounts.actions.words import change_words
from klarfall.core.action import NotAllowed, Refused
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry, VendorProfile
from klarfall.core.words import TERMS, Noun, noun, word
from tests.cast import NOW, make_staff

pytestmark = pytest.mark.django_db
CASE = Noun("Vorgang", "", "m")


@pytest.fixture
def admin():
    return make_staff("Adelheid", "administrator")


def renamed(admin, **words):
    change_words(words=words, actor=admin, now=NOW)
    return VendorProfile.objects.get(pk=1)


def test_a_term_is_renamed_in_one_language_and_forms_are_proposed(admin):
    profile = renamed(admin, request={"de": CASE})
    assert noun("request", profile.words, "de") == Noun("Vorgang", "Vorgänge", "m", "Vorgangs", "Vorgängen")
    assert noun("request", profile.words, "en") == TERMS["request"].en
    assert profile.words.keys() == {"request"}
    assert word("request", profile, "de") == "Vorgang"


def test_typed_forms_win_over_proposals(admin):
    given = Noun("Klient", "Klienten", "m", "Klienten", "Klienten")
    assert noun("request", renamed(admin, request={"de": given}).words, "de") == given


def test_default_words_reset_a_term_and_others_stay(admin):
    renamed(admin, request={"de": CASE, "en": Noun("case", "cases")}, offer={"de": Noun("Preisinfo", "", "f")})
    profile = renamed(admin, request={"de": TERMS["request"].de, "en": TERMS["request"].en})
    assert profile.words.keys() == {"offer"}


def test_spaces_are_tidied_and_german_nouns_begin_with_a_capital_letter(admin):
    profile = renamed(admin, portal={"de": Noun("  service   zentrale ", "", "f")})
    assert word("portal", profile, "de") == "Service zentrale"
    assert profile.portal_name == "Service zentrale"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (Noun("", "", "m"), "request_de_one"),
        (Noun("   ", "", "m"), "request_de_one"),
        (Noun("x" * 41, "", "m"), "request_de_one"),
        (Noun("Vor<b>gang", "", "m"), "request_de_one"),
        (Noun("100 %(x)s", "", "m"), "request_de_one"),
        (Noun("Vorgang{{x}}", "", "m"), "request_de_one"),
        (Noun("Vor[[gang", "", "m"), "request_de_one"),
        (Noun("Vor\x00gang", "", "m"), "request_de_one"),
        (Noun("Vor\u202egang", "", "m"), "request_de_one"),
        (Noun("-Vorgang", "", "m"), "request_de_one"),
        (Noun("Vorgang", "", "x"), "request_de_gender"),
        (Noun("Vorgang", "Vor|gänge", "m"), "request_de_many"),
        (Noun("Vorgang", "Vorgänge", "m", "Vorgang's\r\nX-Evil: 1"), "request_de_genitive"),
        (Noun("Kostenhinweis", "", "m"), "request_de_one"),
    ],
)
def test_what_cannot_stand_in_a_sentence_is_refused(admin, typed, field):
    with pytest.raises(Refused) as refusal:
        change_words(words={"request": {"de": typed}}, actor=admin, now=NOW)
    assert refusal.value.field == field
    assert VendorProfile.objects.filter(pk=1).exclude(words={}).count() == 0


def test_two_terms_may_swap_their_names(admin):
    swapped = {"request": {"en": TERMS["offer"].en}, "offer": {"en": TERMS["request"].en}}
    assert word("offer", renamed(admin, **swapped), "en") == "request"


def test_the_trail_names_the_terms_and_nothing_is_written_without_a_change(admin):
    renamed(admin, request={"de": CASE})
    renamed(admin, request={"de": CASE})
    with viewing_as(SYSTEM):
        entries = list(AuditEntry.objects.filter(verb="words.changed"))
    assert [one.data for one in entries] == [{"terms": ["request"]}]


def test_only_an_administrator_renames():
    with pytest.raises(NotAllowed):
        change_words(words={"request": {"de": CASE}}, actor=make_staff("Anna"), now=NOW)
