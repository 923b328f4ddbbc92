"""One step of a billing run in a process of its own: fill, preview, freeze, export, audit; its figures as JSON."""

import json
import sys
from typing import Any

from bench.runs import ENDS, NOW, STARTS, measured


def main(step: str, size: int) -> None:
    """Do the step on the database that DATA_DIR names."""
    import django

    django.setup()
    from django.conf import settings

    with settings.CLUSTER.in_use():
        postmaster = int((settings.CLUSTER.postgres_dir / "postmaster.pid").read_text().split()[0])
        figures = _fill(size) if step == "fill" else _STEPS[step](size, postmaster)
    print(json.dumps(figures))


def _fill(size: int) -> dict[str, Any]:
    import psycopg
    from django.conf import settings
    from django.core.management import call_command

    from bench import base, run_corpus

    call_command("migrate", verbosity=0)
    ids = base.seed()
    cluster = settings.CLUSTER
    with psycopg.connect(
        host=str(cluster.socket_dir),
        user="postgres",
        password=cluster.secret("superuser"),
        dbname=settings.DATABASE["NAME"],
        autocommit=True,
    ) as superuser:
        run_corpus.fill(superuser, size, ids, lambda name: print(f"  {name} ...", file=sys.stderr))
    return {"size": size, "entries": size * 4}


def _preview(size: int, postmaster: int) -> dict[str, Any]:
    from klarfall.billing.actions.batches import open_batch
    from klarfall.billing.runs.preview import compute_preview

    batch = open_batch(starts_on=STARTS, ends_on=ENDS, actor=_biller(), now=NOW)
    return measured(lambda: compute_preview(batch.pk), size, postmaster)


def _freeze(size: int, postmaster: int) -> dict[str, Any]:
    from klarfall.billing.actions.batches import freeze_batch
    from klarfall.billing.models import TimeLock
    from klarfall.billing.runs.freezing import freeze
    from klarfall.core.isolation import SYSTEM, viewing_as

    batch = freeze_batch(_batch(), actor=_biller(), now=NOW)

    def work() -> None:
        with viewing_as(SYSTEM):
            freeze(batch.pk, now=NOW)

    figures = measured(work, size, postmaster)
    with viewing_as(SYSTEM):
        return figures | {"lines": _batch().lines, "locks": TimeLock.objects.count()}


def _export(size: int, postmaster: int) -> dict[str, Any]:
    from klarfall.billing.actions.batches import export_batch
    from klarfall.billing.runs.export import export

    batch = export_batch(_batch(), actor=_biller(), now=NOW)
    return measured(lambda: export(batch.pk, now=NOW), size, postmaster)


def _audit(size: int, postmaster: int) -> dict[str, Any]:
    from klarfall.billing.self_audit import audit

    found: list[Any] = []
    figures = measured(lambda: found.append(audit.run()), size, postmaster)
    wrong = {one["invariant"]: one["found"] for one in found[0].checks if one["found"]}
    wrong.pop("INV-29", None)  # the histories of the corpus are made up
    if wrong:
        raise SystemExit(f"the self-audit found something in a run of invented but sound data: {wrong}")
    return figures


def _batch() -> Any:
    from klarfall.billing.models import BillingBatch
    from klarfall.core.isolation import SYSTEM, viewing_as

    with viewing_as(SYSTEM):
        return BillingBatch.objects.get()


def _biller() -> Any:
    from bench.run_corpus import AGENT
    from klarfall.accounts.models import User

    return User.objects.get(pk=AGENT)


_STEPS = {"preview": _preview, "freeze": _freeze, "export": _export, "audit": _audit}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
