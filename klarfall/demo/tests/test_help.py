"""The files of the demo's help: whole, linked, small, and of every kind. No database."""

import re

import pytest

from klarfall.demo.help_pages import FOLDER, film_tracks, media_path, pages
from klarfall.demo.vendor import AREAS
from klarfall.knowledge import content, spoken, video_header

PAGES = pages(2026)
GERMAN = [page for page in PAGES if not page.variant]
FILMS = sorted((FOLDER / "videos").glob("*.webm"))
_SMALL = 400_000


def published(kind: str) -> list[str]:
    return [page.source for page in GERMAN if page.kind == kind and page.status == "published"]


def test_there_is_enough_of_every_kind():
    assert len(published("knowledge")) >= 60
    assert len(published("update")) == 12
    assert (len(published("manual")), len(published("quick_start")), len(published("video"))) == (2, 4, 2)
    english = {page.source for page in PAGES if page.variant == "en"}
    assert len(english) * 10 >= len(published("knowledge") + published("update"))
    assert {page.status for page in PAGES} == {"published", "draft", "review", "scheduled"}
    assert sum(page.variant == "older" for page in PAGES) == 3


def test_every_area_of_every_product_has_help_and_every_visibility_occurs():
    assert {(page.product, page.area) for page in GERMAN} == {
        (product, area) for product, areas in AREAS.items() for area in areas
    }
    assert {page.visibility for page in GERMAN} == {"public", "signed_in", "customers", "internal"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.source}.{page.variant}")
def test_a_page_can_be_written_and_what_it_names_is_there(page):
    sources = {one.source for one in GERMAN}
    assert page.source in sources
    content.check(page.body)
    assert set(re.findall(r"article:([\w-]+)", page.body)) <= sources
    assert all(media_path(name).is_file() for name in page.media)
    assert "media:" not in page.linked(lambda source: 1, dict.fromkeys(page.media, 2)).replace("media:2", "")
    assert page.kind == "video" or content.sections(page.body)[1:]


def test_no_two_articles_say_the_same():
    assert len({page.title for page in GERMAN}) == len(GERMAN)
    assert len({page.body for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.stem)
def test_a_film_is_small_and_says_in_two_languages_what_it_shows(film):
    assert film.stat().st_size < _SMALL
    with film.open("rb") as file:
        found = video_header.header(file, "video/webm")
    assert (found.width, found.height) == (1280, 720)
    assert 20 <= found.duration <= 40
    tracks = {(use, language): path for path, use, language in film_tracks(film.name)}
    assert tracks[("poster", "")].is_file()
    for use, least in (("captions", 5), ("chapters", 3)):
        cues = [spoken.read(tracks[(use, language)].read_bytes()).cues for language in ("de", "en")]
        assert len(cues[0]) == len(cues[1]) >= least
        assert cues[0][-1].end == found.duration
