"""The component macros: right words, right states, nothing unescaped."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import engines
from django.utils import translation
from markupsafe import Markup

from klarfall.core import renamed_texts, vendor
from klarfall.core.models import VendorProfile
from klarfall.ui.jinja import Components
from klarfall.ui.klar_karte import Action, KlarKarte

EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(vendor, "current", lambda: VendorProfile(pk=1, name="Muster"))
    with translation.override("en"):
        yield


def draw(source, **context):
    return engines["jinja2"].env.from_string(source).render(context)


def test_a_tag_has_shape_word_and_colour():
    html = draw('{{ ui.tag("chargeable") }}')
    assert "is-fee" in html
    assert "<svg" in html
    assert "Chargeable" in html


@pytest.mark.parametrize("meaning", ["open", "something new"])
def test_what_is_not_assessed_is_never_drawn_as_binding(meaning):
    assert "maybe" in draw("{{ ui.tag(meaning) }}", meaning=meaning)


def test_a_provisional_card_cannot_look_like_a_decision():
    binding = draw("{{ ui.klar_karte(kk) }}", kk=KlarKarte(state="covered", lead="x"))
    provisional = draw("{{ ui.klar_karte(kk) }}", kk=KlarKarte(state="covered", lead="x", provisional=True))
    assert '"kk is-cov"' in binding
    assert '"kk is-cov maybe"' in provisional


def test_a_card_asks_its_questions_in_one_order_and_leaves_out_the_unanswered():
    kk = KlarKarte(state="chargeable", lead="Lead", why="A", cost_total="B", decides="C", next="D", changes_if="E")
    html = draw("{{ ui.klar_karte(kk) }}", kk=kk)
    places = [
        html.index(f"<dt>{word}</dt>") for word in ("Why", "Costs", "Who decides", "What happens next", "Changes if")
    ]
    assert places == sorted(places)
    assert "<dt>Decided</dt>" not in html


def test_a_card_shows_the_way_to_disagree_openly():
    html = draw("{{ ui.klar_karte(kk) }}", kk=KlarKarte(state="chargeable", lead="x", disagree_url="/objection/"))
    assert '<a href="/objection/">I see it differently</a>' in html


@pytest.mark.parametrize(("given", "drawn"), [(150, "100"), (-5, "0"), (37.5, "37.5")])
def test_the_meter_stays_within_its_scale(given, drawn):
    kk = KlarKarte(state="chargeable", lead="x", cost_total="1", used_percent=given, used_text="45 of 120")
    assert f'class="meter-used" width="{drawn}"' in draw("{{ ui.klar_karte(kk) }}", kk=kk)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.klar_karte({'state': 'covered', 'lead': evil, 'why': evil, 'next': evil, 'verdict': evil}) }}",
        "{{ ui.klar_karte({'state': 'open', 'lead': 'x', 'clause_label': evil, 'clause_text': evil}) }}",
        "{{ ui.message({'author': evil, 'when': evil, 'text': evil, 'role': evil}) }}",
        "{{ ui.file_link({'name': evil, 'url': '#', 'size': 1}) }}",
        "{{ ui.event(evil, evil) }}",
        "{{ ui.request_row({'url': '#', 'number': evil, 'title': evil, 'details': evil, 'status': evil}) }}",
        "{{ ui.queue_row({'url': '#', 'number': evil, 'title': evil, 'customer': evil, 'area': evil}) }}",
        "{{ ui.facts([(evil, evil)]) }}",
        "{{ ui.notice(evil) }}{{ ui.empty(evil, evil) }}{{ ui.crumbs([(evil, '#')], evil) }}",
        "{{ ui.button(evil, value=evil, attrs={'data-x': evil}) }}{{ ui.copy(evil) }}{{ ui.search_form('#', evil) }}",
        "{{ ui.tag('fee', evil) }}{{ ui.avatar(evil) }}{{ evil | ident }}",
        "{{ ui.text_input('a', evil, evil, help=evil, error=evil) }}",
    ],
)
def test_components_escape_what_people_wrote(source):
    html = draw(source, evil=EVIL)
    assert EVIL not in html
    assert "alert(1)" in html


def test_an_attribute_cannot_be_left_by_a_quotation_mark():
    assert '" onmouseover="' not in draw("{{ ui.copy(text) }}", text='x" onmouseover="y')


def test_internal_notes_say_so_in_words():
    html = draw("{{ ui.message(m) }}", m={"author": "A", "when": "now", "text": "t", "internal": True})
    assert "intern" in html
    assert "customers cannot see this" in html


def test_a_closed_choice_of_time_stays_visible_with_its_reason():
    options = [{"value": "work", "label": "Billable", "disabled": True}]
    html = draw("{{ ui.seg(options, 'No approval yet.') }}", options=options)
    assert "disabled" in html
    assert 'aria-describedby="kind-reason"' in html
    assert '<p class="sm muted" id="kind-reason">No approval yet.</p>' in html


def test_late_promises_are_red_and_held_ones_rest():
    assert "sla hot" in draw("{{ ui.sla(-12) }}")
    assert "on hold" in draw("{{ ui.sla(paused=True) }}")
    assert "hot" not in draw("{{ ui.sla(107, 89) }}")


def test_no_option_is_chosen_beforehand():
    html = draw("{{ ui.option('kind', 'accept', 'Order') }}{{ ui.option('kind', 'decline', 'Do not order') }}")
    assert "checked" not in html


def test_the_cost_scale_says_its_amounts_in_words():
    html = draw("{{ ui.scale(a, b, c) }}", a=Decimal(148), b=Decimal(222), c=Decimal(296))
    assert "Estimate €148.00 to €222.00, cap €296.00." in html
    assert 'class="scale-est" x="50' in html


def test_the_timer_stands_still_without_a_start():
    started = datetime(2026, 1, 1, tzinfo=UTC)
    assert "data-start" in draw("{{ ui.timer(s, 780) }}", s=started)
    still = draw("{{ ui.timer(s, 780, running=False) }}", s=started)
    assert "data-start" not in still
    assert "00:13" in still


class Form(forms.Form):
    code = forms.CharField(label="Code", help_text="Six digits")


def test_a_field_links_label_help_and_error_to_its_input():
    html = draw("{{ ui.field(form.code) }}{{ ui.error_summary(form) }}", form=Form({"code": ""}))
    assert '<label for="id_code">' in html
    assert 'aria-describedby="id_code_helptext id_code_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_code_error"' in html
    assert '<a href="#id_code">Code</a>' in html


def test_a_valid_field_points_to_no_error():
    html = draw("{{ ui.field(form.code) }}", form=Form())
    assert 'aria-describedby="id_code_helptext"' in html
    assert "bad" not in html


def test_actions_of_a_card_are_links_of_their_own():
    kk = KlarKarte(state="chargeable", lead="x", actions=[Action(label="Look and decide", url="/d/", primary=True)])
    assert 'class="btn primary wide" href="/d/"' in draw("{{ ui.klar_karte(kk) }}", kk=kk)


@pytest.fixture
def lasting():
    """The components as they run in production, where small parts are remembered."""
    env = engines["jinja2"].env.overlay(auto_reload=False)
    return Components(env)


def test_a_remembered_part_follows_the_language(lasting):
    assert "Phone" in lasting.channel("phone")
    with translation.override("de"):
        german = str(lasting.channel("phone"))
        assert german == str(draw('{{ ui.channel("phone") }}'))


def test_a_remembered_part_follows_the_vendors_words(lasting):
    assert "product support" in lasting.tag("not_offered")
    renamed_texts.use({"support": {"en": {"one": "our helpline"}}})
    assert "our helpline" in lasting.tag("not_offered")


def test_a_remembered_part_never_mixes_up_safe_and_unsafe_text(lasting):
    assert EVIL in lasting.tag("fee", Markup(EVIL))  # noqa: S704 - that is the point
    assert EVIL not in lasting.tag("fee", EVIL)
    assert EVIL not in lasting.tag("fee", text=EVIL)


def test_counts_are_capped():
    assert draw("{{ ui.capped(1001) }} {{ ui.capped(7) }}") == "1000+ 7"


def test_an_unknown_component_is_an_error():
    with pytest.raises(AttributeError, match="no component macro"):
        _ = engines["jinja2"].env.globals["ui"].nothing


def test_the_beginning_of_the_cost_scale_is_written_in_the_readers_language():
    source = "{{ ui.scale(50, 80, 100) }}"
    with translation.override("de"):
        assert "0,00" in draw(source)
    with translation.override("en"):
        assert '<span class="zero">€0.00' in draw(source)
