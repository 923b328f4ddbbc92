"""Read the demo's help from its Markdown files: front matter, words, and what belongs to each. Pure but for reading.

`help/<kind>/<source>.md` is an article in German, `<source>.en.md` its English words, `<source>.older.md` the edition
before. Links name sources (`article:SOURCE`), pictures and films names of files (`media:NAME`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "help"
#: Code of a product in the files -> its name.
PRODUCT_NAMES = {"powerhaus": "PowerHaus", "wohnwerk": "Wohnwerk", "archiv-connect": "Archiv Connect"}
_ARTICLE = re.compile(r"\(article:([a-z0-9-]+)")
_MEDIA = re.compile(r"\(media:([a-z0-9-]+\.(?:png|webm))")


@dataclass(frozen=True)
class Page:
    """The words of an article in one language, as a file holds them.

    `published` counts days from today, below zero for the past. `status` is where the edition stands: published,
    draft, review, scheduled. `variant` is empty, `en` or `older`.
    """

    source: str
    variant: str
    kind: str
    product: str
    area: str
    version_from: str
    version_to: str
    visibility: str
    published: int
    owner: str
    title: str
    summary: str
    language: str
    status: str
    body: str

    @property
    def media(self) -> tuple[str, ...]:
        """Names of the files that the text shows."""
        return tuple(dict.fromkeys(_MEDIA.findall(self.body)))

    def linked(self, article: Callable[[str], int], media: dict[str, int]) -> str:
        """The text with numbers in place of sources and names of files."""
        text = _ARTICLE.sub(lambda match: f"(article:{article(match[1])}", self.body)
        return _MEDIA.sub(lambda match: f"(media:{media[match[1]]}", text)


def pages(year: int) -> tuple[Page, ...]:
    """All pages, older editions before newer ones; `year` stands in versions that are named after one."""
    found = [_page(path, year) for path in FOLDER.glob("*/*.md")]
    return tuple(sorted(found, key=lambda page: (page.published, page.source, page.variant)))


def film_tracks(name: str) -> tuple[tuple[Path, str, str], ...]:
    """What belongs to a film: path, use and language of each."""
    stem = name.partition(".")[0]
    tracks = [(f"{stem}.png", "poster", "")]
    for language in ("de", "en"):
        tracks += [(f"{stem}.{language}.vtt", "captions", language)]
        tracks += [(f"{stem}.chapters.{language}.vtt", "chapters", language)]
    return tuple((FOLDER / "videos" / name, use, language) for name, use, language in tracks)


def media_path(name: str) -> Path:
    """Where a picture or film lies."""
    return FOLDER / ("videos" if name.endswith(".webm") else "pictures") / name


def _page(path: Path, year: int) -> Page:
    _, head, body = path.read_text("utf-8").replace("{year}", str(year)).split("---\n", 2)
    values = dict(line.split(": ", 1) for line in head.strip().splitlines())
    source, _, variant = path.stem.partition(".")
    return Page(
        source=source,
        variant=variant,
        kind=values["kind"],
        product=values["product"],
        area=values.get("area", ""),
        version_from=values.get("version_from", ""),
        version_to=values.get("version_to", ""),
        visibility=values["visibility"],
        published=int(values["published"]),
        owner=values["owner"],
        title=values["title"],
        summary=values["summary"],
        language=values["language"],
        status=values.get("status", "published"),
        body=body.strip(),
    )
