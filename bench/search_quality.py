"""`python -m bench.search_quality`: how well the search answers the judged queries over the demo's help.

The queries of `bench/judged` were written and judged before any search; half of them is held back from tuning. The
corpus is taken in by `manage.py import_articles` into an embedded PostgreSQL of its own, answered by `manage.py
search_run`, and compared with PostgreSQL's own German search over the same articles (rights included).
nDCG@10 has gains 2^grade - 1; a query without an answer is right (1) with nothing and wrong (0) with anything.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
JUDGED = ROOT / "bench" / "judged" / "queries.jsonl"
GOAL = 0.85
_BASELINE = """
SELECT a.source_id FROM knowledge_edition e JOIN knowledge_article a ON a.id = e.article_id,
 to_tsquery('german', replace(plainto_tsquery('german', %s)::text, '&', '|')) q
WHERE e.status = 'published' AND a.visibility = ANY(%s)
 AND (setweight(to_tsvector('german', e.title), 'A') || to_tsvector('german', e.body)) @@ q
ORDER BY ts_rank(setweight(to_tsvector('german', e.title), 'A') || to_tsvector('german', e.body), q, 1) DESC LIMIT 10
"""
_SEES = {"public": ["public"], "customer": ["public", "signed_in", "customers"]}
_SEES["agent"] = [*_SEES["customer"], "internal"]


def main() -> int:
    """Measure, print the table; 1 when either half misses the goal or something leaks."""
    if sys.argv[1:] == ["--baseline"]:
        print(json.dumps(_baseline(_queries())))
        return 0
    queries = _queries()
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
        environment |= {"DATA_DIR": folder, "DEMO": "0", "DJANGO_SETTINGS_MODULE": "klarfall.config.settings"}
        corpus, out = Path(folder) / "corpus.jsonl", Path(folder) / "run.json"

        def run(*words: str) -> str:
            done = subprocess.run(
                [sys.executable, *words], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
            )
            return done.stdout

        run("-m", "bench.judged", str(corpus))
        run("manage.py", "migrate", "-v0")
        run("manage.py", "import_articles", str(corpus))
        run("manage.py", "search_run", "--queries", str(JUDGED), "--out", str(out))
        ours = json.loads(out.read_text())
        theirs = json.loads(run("-m", "bench.search_quality", "--baseline").splitlines()[-1])
        leaks = _leaks(queries, ours, corpus)
    print(table(queries, ours, theirs))
    for leak in leaks:
        print(f"shown to somebody who may not read it: {leak}")
    halves = [scores(queries, ours, held_back=held)["all"][0] for held in (False, True)]
    return 1 if leaks or min(halves) < GOAL else 0


def _queries() -> list[dict[str, Any]]:
    return [json.loads(line) for line in JUDGED.read_text("utf-8").splitlines() if line.strip()]


def _leaks(queries: Iterable[Mapping[str, Any]], run: Mapping[str, list[str]], corpus: Path) -> list[str]:
    names = {"public": "public", "customer": "customers", "internal": "internal"}
    records = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
    seen = {one["id"]: names[one["visibility"]] for one in records}
    return [
        f"{one['id']} {found}" for one in queries for found in run[one["id"]] if seen[found] not in _SEES[one["role"]]
    ]


def _baseline(queries: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from klarfall.core.isolation import SYSTEM, viewing_as

    answers = {}
    with settings.CLUSTER.in_use(), viewing_as(SYSTEM), connection.cursor() as cursor:
        for one in queries:
            cursor.execute(_BASELINE, [one["query"], _SEES[one["role"]]])
            answers[one["id"]] = [row[0] for row in cursor.fetchall()]
    return answers


def ndcg(found: list[str], relevant: Mapping[str, int]) -> float:
    """Discounted gain of the first ten, as a share of the best order."""

    def gain(grades: Iterable[int]) -> float:
        return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))

    best = gain(sorted(relevant.values(), reverse=True)[:10])
    return gain(relevant.get(one, 0) for one in found[:10]) / best


def scores(
    queries: Iterable[Mapping[str, Any]], run: Mapping[str, list[str]], *, held_back: bool | None = None
) -> dict[str, tuple[float, float, int]]:
    """Type (and "all") -> nDCG@10, MRR, number; of one half, or of both."""
    by_type: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in queries:
        if held_back is not None and one["held_back"] is not held_back:
            continue
        found, relevant = run[one["id"]], one["relevant"]
        if not relevant:
            by_type["none"].append((float(not found), float(not found)))
            continue
        first = next((1 / (place + 1) for place, hit in enumerate(found) if hit in relevant), 0.0)
        by_type[one["type"]].append((ndcg(found, relevant), first))
        by_type["all"].append(by_type[one["type"]][-1])
    return {
        name: (sum(a for a, _b in rows) / len(rows), sum(b for _a, b in rows) / len(rows), len(rows))
        for name, rows in by_type.items()
    }


def table(queries: list[dict[str, Any]], ours: Mapping[str, list[str]], theirs: Mapping[str, list[str]]) -> str:
    """Both halves and the baseline as a Markdown table."""
    tune, held, base = (
        scores(queries, ours, held_back=False),
        scores(queries, ours, held_back=True),
        scores(queries, theirs),
    )
    lines = [
        "| type | queries | nDCG@10 (MRR), tuned on | nDCG@10 (MRR), held back | PostgreSQL's own, both |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in [*sorted(set(base) - {"all", "none"}), "all", "none"]:
        count = tune[name][2] + held[name][2]
        cells = [f"{one[name][0]:.3f} ({one[name][1]:.3f})" for one in (tune, held, base)]
        lines.append(f"| {name} | {count} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
