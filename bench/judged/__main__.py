"""Write the demo's help as a corpus for `manage.py import_articles`.

    python -m bench.judged CORPUS.jsonl

German words only; of a film also what is said in it. `manage.py search_run` answers queries.jsonl on it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from klarfall.demo.help_pages import PRODUCT_NAMES, Page, film_tracks, pages

#: Versions that are named after a year are named after this one, as the queries name it.
YEAR = 2026
_KINDS = {"quick_start": "quickstart"}
_ROLES = {"public": "public", "signed_in": "customer", "customers": "customer", "internal": "internal"}


def records() -> Iterator[dict[str, str]]:
    """The published German pages, one record each."""
    for page in pages(YEAR):
        if not page.variant and page.status == "published":
            yield {
                "id": page.source,
                "kind": _KINDS.get(page.kind, page.kind),
                "product": PRODUCT_NAMES[page.product],
                "version": page.version_from,
                "title": page.title,
                "body_markdown": "\n\n".join([page.summary, page.body, *_spoken(page)]),
                "visibility": _ROLES[page.visibility],
            }


def _spoken(page: Page) -> Iterator[str]:
    """What the films of a page say, without times."""
    for name in page.media:
        if name.endswith(".webm"):
            for path, _use, language in film_tracks(name):
                if language == "de":
                    lines = path.read_text("utf-8").splitlines()[1:]
                    yield "\n".join(line for line in lines if line and "-->" not in line)


def main(path: Path) -> int:
    """Write the corpus; returns the number of its articles."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return len(lines)


if __name__ == "__main__":
    print(f"{main(Path(sys.argv[1]))} articles")
