"""`python -m bench.mail [MAILS]`: store ordinary mails, file them with two processes, take in one of 25 MB.

An embedded PostgreSQL of its own; each step in a process of its own, through the functions that receivers and worker
call. Goals: 100 mails filed a second on two cores, 10 ms of CPU for each (application and database), memory bounded by
the largest message. Fails when a mail is not filed as it should be, or the large one takes more than MOST_MIB.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from bench import mails
from bench.meter import cpu_seconds, tree, yardstick

ROOT = Path(__file__).resolve().parent.parent
GOAL_PER_SECOND, GOAL_MS = 100, 10.0
LARGE = 25  # MB
#: Above the process before: the message, its text of base64 and the decoded file, each once or twice.
MOST_MIB = 8 * LARGE
PROCESSES = 2
#: Mails that each process has filed before: statements are compiled once, workers live long.
WARM = 20


def main() -> int:
    """Measure, print the table, write figures-mail.json; 1 when a guard fails."""
    parser = argparse.ArgumentParser(prog="python -m bench.mail", description=__doc__)
    parser.add_argument("mails", nargs="?", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(_step(options.step, options.mails)))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    results = measure(options.mails, options.out / "mail")
    (options.out / "figures-mail.json").write_text(json.dumps(results, indent=1))
    print(table(options.mails, results))
    return 0 if results["filed"]["right"] and results["large"]["grown_mib"] <= MOST_MIB else 1


def measure(count: int, folder: Path) -> dict[str, Any]:
    """A fresh house, then each step in a process of its own; the figures by step."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    environment |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "ERROR"}
    found: dict[str, Any] = {"yardstick_ms": yardstick()}
    try:
        for step in ("prepare", "parse", "store", "file", "filed", "large"):
            command = [sys.executable, "-m", "bench.mail", str(count), "--step", step]
            done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            found[step] = json.loads(done.stdout.splitlines()[-1])
            print(f"  {step}: {found[step]}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def table(count: int, found: dict[str, Any]) -> str:
    """The steps as a Markdown table, with the goals below."""
    lines = [
        f"| step, {count:,} mails | CPU ms a mail (application + database) | mails/s |",
        "|---|--:|--:|",
    ]
    for step, words in (
        ("parse", "parse (part of filing)"),
        ("store", "store"),
        ("file", f"file, {PROCESSES} at once"),
    ):
        one = found[step]
        split = f"{one['app_ms'] + one['database_ms']:.2f} ({one['app_ms']:.2f} + {one['database_ms']:.2f})"
        lines.append(f"| {words} | {split} | {one['per_second']} |")
    large = found["large"]
    return "\n".join([
        *lines,
        "",
        f"A mail with {LARGE} MB: {large['seconds']} s, {large['grown_mib']} MiB above process and reader before.",
        f"Goals: {GOAL_PER_SECOND} mails filed a second, {GOAL_MS:g} ms. Yardstick {found['yardstick_ms']} ms.",
    ])  # fmt: skip


def _step(name: str, count: int) -> dict[str, Any]:
    if name.startswith("worker"):
        return _worker()
    import django

    django.setup()
    from django.conf import settings

    with settings.CLUSTER.in_use():
        postmaster = int((settings.CLUSTER.postgres_dir / "postmaster.pid").read_text().split()[0])
        match name:
            case "prepare":
                return _prepare()
            case "parse":
                return _parsed(count)
            case "filed":
                return _filed(count)
            case "large":
                return _large()
            case _:
                work = _store if name == "store" else _file
                return _measured(lambda: work(count), count, postmaster)


def _measured(work: Any, count: int, postmaster: int) -> dict[str, Any]:
    """CPU of this process and its children, and of the database's processes, for each mail."""
    from django.db import connections

    database = cpu_seconds(tree(postmaster))
    before, wall = os.times(), time.perf_counter()
    spent = work()
    wall = (spent or {}).get("wall", time.perf_counter() - wall)
    connections.close_all()
    after = os.times()
    time.sleep(1)  # the server's process has ended then, and its time counts for its parent
    database = cpu_seconds(tree(postmaster)) - database
    app = (spent or {}).get("app", after.user + after.system - before.user - before.system)
    figures = {"app_ms": app / count * 1000, "database_ms": database / count * 1000}
    return {name: round(value, 2) for name, value in figures.items()} | {"per_second": round(count / wall)}


def _prepare() -> dict[str, Any]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    mails.fill()
    return {}


def _parsed(count: int) -> dict[str, Any]:
    """Only what reads: no database, one process."""
    from klarfall.incoming.parsing.message import parse
    from klarfall.incoming.reading.html import harmless
    from klarfall.incoming.reading.machines import machine_reason
    from klarfall.incoming.reading.visible import visible

    raws = list(mails.messages(count))
    begun, wall = time.process_time(), time.perf_counter()
    for raw in raws:
        mail = parse(raw)
        machine_reason(mail, {"support@vendor.example"})
        visible(mail)
        harmless(mail.html)
    spent = (time.process_time() - begun) / count * 1000
    return {"app_ms": round(spent, 2), "database_ms": 0.0, "per_second": round(count / (time.perf_counter() - wall))}


def _store(count: int) -> None:
    from django.utils import timezone

    from klarfall.incoming.storing import store

    for raw in mails.messages(count + PROCESSES * WARM):
        store(raw, way="lmtp", envelope_to=["support@vendor.example"], now=timezone.now())


def _file(_count: int) -> dict[str, float]:
    """Two processes, each as a worker does it; they begin once both are ready."""
    command = [sys.executable, "-m", "bench.mail", "--step", "worker"]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for one in workers:
        _stream(one.stdout).readline()  # "ready"
    begun = time.perf_counter()
    for one in workers:
        _stream(one.stdin).write("\n")
        _stream(one.stdin).flush()
    told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in workers]
    return {"wall": time.perf_counter() - begun, "app": sum(one["app"] for one in told)}


def _stream(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("the process has no pipe")
    return pipe


def _worker() -> dict[str, Any]:
    import django

    django.setup()
    from klarfall.incoming.jobs import file_waiting
    from klarfall.incoming.waiting import file_waiting as file_some

    file_some(WARM)
    print("ready", flush=True)
    sys.stdin.readline()
    begun = cpu_seconds(tree(os.getpid()))  # with the process that reads for this one
    file_waiting()
    return {"app": cpu_seconds(tree(os.getpid())) - begun}


def _filed(count: int) -> dict[str, Any]:
    from django.db.models import Count

    from klarfall.core.isolation import SYSTEM, viewing_as
    from klarfall.incoming.models import IncomingMail
    from klarfall.tickets.models import Message

    with viewing_as(SYSTEM):
        rows = IncomingMail.objects.values_list("outcome").annotate(Count("pk"))
        outcomes = dict(rows)
        count += PROCESSES * WARM
        return {"outcomes": outcomes, "right": outcomes == {"new_ticket": count} and Message.objects.count() == count}


def _large() -> dict[str, Any]:
    """How far a process and its reader grow over one large mail, from its bytes to the request."""
    from django.utils import timezone

    from klarfall.incoming.bounded import readers
    from klarfall.incoming.filing import file_mail
    from klarfall.incoming.storing import put

    now = timezone.now()
    file_mail(put(next(mails.messages(1, seed=3)), way="lmtp", now=now), now=now)
    raw = mails.large(LARGE)
    _reset_peak()
    readers.LARGE = 2 * len(raw)  # it would end behind such a mail
    before, begun = _resident_mib("VmRSS") + _resident_mib("VmRSS", readers.pid()), time.perf_counter()
    mail = put(raw, way="lmtp", now=now)
    del raw
    filed = file_mail(mail, now=now)
    if filed.outcome != "new_ticket":
        raise RuntimeError(f"the large mail ended as {filed.outcome}, {filed.reason}")
    seconds = round(time.perf_counter() - begun, 1)
    peak = _resident_mib("VmHWM") + _resident_mib("VmHWM", readers.pid())
    return {"seconds": seconds, "grown_mib": round(peak - before), "before_mib": round(before),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}  # fmt: skip


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _resident_mib(name: str, pid: int | str = "self") -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    sys.exit(main())
