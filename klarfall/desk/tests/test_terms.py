"""The catalogue in the desk: from the list of versions over the draft and its comparison to publication."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.contrib.messages import get_messages

from klarfall.contracts.actions.terms import draft_terms
from klarfall.contracts.content import item_content, items_of, rates_of
from klarfall.contracts.models import CatalogueItem, TermsVersion
from klarfall.contracts.queries import terms_draft
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, queries_of, text

CLAUSE = {
    "clause": "A 1", "outcome": "covered", "title": "Problem in der Anwendung", "title_en": "A problem",
    "text": "Wir helfen bei Problemen.", "text_en": "We help with problems.", "work_type": "",
    "examples": "Eins\r\nZwei",
}  # fmt: skip


@pytest.fixture
def draft(cast, dora, clock):
    with viewing_as(SYSTEM):
        return draft_terms(actor=dora, now=clock())


def item(draft, code):
    with viewing_as(SYSTEM):
        return CatalogueItem.objects.get(terms=draft, code=code)


def content_of(draft, code):
    with viewing_as(SYSTEM):
        return item_content(CatalogueItem.objects.get(terms=draft, code=code))


class Fields(HTMLParser):
    """The values that the large form of a page sends when nothing is typed."""

    def __init__(self, page):
        super().__init__()
        self.found, self.area, self.select = {}, None, None
        self.feed(page.split("<main", 1)[1])

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "textarea":
            self.area = given["name"]
            self.found[self.area] = ""
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and "selected" in given:
            self.found[self.select] = given["value"]
        elif tag == "input" and "name" in given:
            boxed = given["type"] == "checkbox"
            if not boxed or "checked" in given:
                self.found.setdefault(given["name"], []).append(given.get("value", "on" if boxed else ""))

    def handle_data(self, data):
        if self.area:
            self.found[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None


def make_ready(draft):
    with viewing_as(SYSTEM):
        draft.items.update(examples=["Zum Beispiel so."])
        draft.items.filter(code="CHG-OTHER").update(reason_template="")


def test_the_list_names_the_state_of_each_version(doras, draft):
    page = text(doras.get(at("terms")))
    assert ">Entwurf<" in page
    assert ">In Kraft<" in page
    assert at("terms-version", 2) in page


def test_a_draft_is_begun_once(doras, cast):
    begun = doras.post(at("terms"))
    assert begun.url == at("terms-version", 2)
    again = doras.post(at("terms"))
    assert again.url == at("terms")
    assert len(list(get_messages(again.wsgi_request))) == 1
    with viewing_as(SYSTEM):
        assert TermsVersion.objects.count() == 2


def test_the_draft_shows_both_languages_and_what_is_missing(doras, draft):
    page = text(doras.get(at("terms-version", 2)))
    assert page.count('lang="de"') >= 20
    assert page.count('lang="en"') >= 20
    assert at("terms-clause", 2, "CHG-OTHER") in page
    published = text(doras.get(at("terms-version", 1)))
    assert at("terms-clause", 1, "CHG-OTHER") not in published
    assert at("terms-discarding", 1) not in published


def test_a_clause_is_changed_in_both_languages(doras, draft):
    answer = doras.post(at("terms-clause", 2, "COV-USE"), CLAUSE)
    assert answer.status_code == 303, text(answer)
    changed = item(draft, "COV-USE")
    assert (changed.text, changed.text_en) == ("Wir helfen bei Problemen.", "We help with problems.")
    assert changed.examples == ["Eins", "Zwei"]


def test_a_form_that_was_not_changed_changes_nothing(doras, draft, cast):
    """Every column finds its way into the form and back."""
    with viewing_as(SYSTEM):
        draft.items.update(changes_if="es anders ist.", text_en="Zeile\nzwei", examples=["a", "b"], estimate_min=45)
        draft.items.update(estimate_max=60, default_scope="Umfang", reason_template_en="Because.")
        item(draft, "NOT-ONSITE").products.add(cast.erp)
    codes = ("CHG-DATA-POST", "NOT-ONSITE", "COV-USE")
    before = {code: content_of(draft, code) for code in codes}
    for code in codes:
        fields = Fields(text(doras.get(at("terms-clause", 2, code)))).found
        assert len(fields) > 15
        answer = doras.post(at("terms-clause", 2, code), fields)
        assert answer.status_code == 303, text(answer)
        assert content_of(draft, code) == before[code]


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(doras, draft):
    answer = doras.post(at("terms-clause", 2, "COV-USE"), CLAUSE | {"clause": "B 1", "title": "Getippt"})
    assert answer.status_code == 422
    assert 'id="id_clause_error"' in text(answer)
    assert "Getippt" in text(answer)


def test_a_clause_is_added_moved_and_removed(doras, draft):
    new = CLAUSE | {"code": "cov-new", "clause": "A 9"}
    assert doras.post(at("terms-clauses", 2), new).status_code == 303
    assert item(draft, "COV-NEW").title == CLAUSE["title"]
    assert doras.post(at("terms-clause-place", 2, "COV-NEW"), {"to": "up"}).status_code == 303
    with viewing_as(SYSTEM):
        covered = [one.code for one in items_of(draft) if one.outcome == "covered"]
    assert covered[-2] == "COV-NEW"
    assert doras.post(at("terms-clause-removal", 2, "COV-NEW")).status_code == 303
    assert doras.get(at("terms-clause", 2, "COV-NEW")).status_code == 404


def test_rates_are_typed_as_people_write_them(doras, draft):
    data = {f"{kind}_increment": "5" for kind in ("support", "senior", "train", "install")}
    data |= {f"{kind}_minimum": "0" for kind in ("support", "senior", "train", "install")}
    data |= {"support_rate": "149,50", "senior_rate": "170", "train_rate": "", "install_rate": "1.200,00"}
    answer = doras.post(at("terms-rates", 2), data)
    assert answer.status_code == 303, text(answer)
    with viewing_as(SYSTEM):
        rates = {one.work_type: (str(one.rate), one.increment, one.minimum) for one in rates_of(draft)}
    assert rates == {"support": ("149.50", 5, 0), "senior": ("170.00", 5, 0), "install": ("1200.00", 5, 0)}
    assert doras.post(at("terms-rates", 2), data | {"support_rate": "viel"}).status_code == 422


def test_the_comparison_marks_words_without_colour(doras, draft):
    doras.post(at("terms-clause", 2, "COV-USE"), CLAUSE | {"text": "Problem in der Anwendung: so steht es jetzt."})
    page = text(doras.get(at("terms-comparison", 2)))
    assert "<ins>" in page
    assert "<del>" in page
    assert "jetzt." in page
    assert "in der Anwendung: so steht es" in page  # what stayed is not marked
    assert doras.get(at("terms-comparison", 2) + "?with=1").status_code == 200
    assert doras.get(at("terms-comparison", 1) + "?with=99999999999").status_code == 200


def test_publishing_names_what_is_missing_and_needs_confirmation(doras, draft, clock):
    day = clock().date().replace(year=clock().year + 1).isoformat()
    blocked = doras.post(at("terms-publication", 2), {"valid_from": day, "sure": "on"})
    assert blocked.status_code == 422
    assert at("terms-clause", 2, "COV-USE") in text(blocked)  # has no example
    make_ready(draft)
    assert doras.post(at("terms-publication", 2), {"valid_from": day}).status_code == 422
    assert doras.post(at("terms-publication", 2), {"valid_from": day, "sure": "on"}).url == at("terms")
    with viewing_as(SYSTEM):
        assert TermsVersion.objects.get(number=2).published_at is not None
    assert ">Kommt<" in text(doras.get(at("terms")))
    assert doras.get(at("terms-publication", 2)).status_code == 404
    assert doras.get(at("terms-rates", 2)).status_code == 404


def test_a_day_that_is_over_is_refused_beside_the_field(doras, draft):
    make_ready(draft)
    answer = doras.post(at("terms-publication", 2), {"valid_from": "2026-01-02", "sure": "on"})
    assert answer.status_code == 422
    assert 'id="id_valid_from_error"' in text(answer)


def test_a_draft_is_discarded(doras, draft):
    assert doras.post(at("terms-discarding", 2)).status_code == 303
    with viewing_as(SYSTEM):
        assert terms_draft() is None
    assert doras.post(at("terms-discarding", 2)).status_code == 404
    assert doras.post(at("terms-discarding", 1)).status_code == 404


def test_who_may_not_publish_finds_no_page(annas, draft):
    for name, args in (
        ("terms", []), ("terms-version", [2]), ("terms-rates", [2]), ("terms-comparison", [2]),
        ("terms-publication", [2]), ("terms-clauses", [2]), ("terms-clause", [2, "COV-USE"]),
    ):  # fmt: skip
        assert annas.get(at(name, *args)).status_code == 404
        assert annas.post(at(name, *args)).status_code == 404
    for name, args in (
        ("terms-discarding", [2]), ("terms-clause-removal", [2, "COV-USE"]), ("terms-clause-place", [2, "COV-USE"]),
    ):  # fmt: skip
        assert annas.post(at(name, *args)).status_code == 404


@pytest.mark.parametrize(("language", "shown", "hidden"), [("de", "Umfang", "Scope"), ("en", "Scope", "Umfang")])
def test_texts_begin_in_the_language_of_whoever_reads_them(annas, cast, make_ticket, clock, language, shown, hidden):
    with viewing_as(SYSTEM):
        terms = TermsVersion.objects.create(number=2, valid_from=clock().date() - timedelta(days=3))
        CatalogueItem.objects.create(
            terms=terms, code="CHG-CONF", clause="B 1.3", outcome="chargeable", title="T", text="T",
            work_type="support",
            default_scope="Umfang des Auftrags", default_scope_en="Scope of the order",
            reason_template="Umfang der Begründung", reason_template_en="Scope of the reason",
        )  # fmt: skip
        TermsVersion.objects.filter(pk=terms.pk).update(published_at=clock() - timedelta(days=3))
        type(cast.bernd.user).objects.filter(pk=cast.bernd.user_id).update(language=language)
    page = text(annas.get(at("ticket", make_ticket(now=clock()).number)))
    for words in ("des Auftrags" if language == "de" else "of the order", shown):
        assert words in page
    assert f"{hidden} " not in page


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("terms", []), ("terms-version", [2]), ("terms-version", [1]), ("terms-rates", [2]), ("terms-comparison", [2]),
        ("terms-publication", [2]), ("terms-clauses", [2]), ("terms-clause", [2, "COV-USE"]),
    ],
)  # fmt: skip
def test_every_page_asks_few_questions(doras, draft, name, args):
    assert len(queries_of(doras, at(name, *args))) <= 8
