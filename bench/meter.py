"""CPU time of processes, and a small sequential HTTP client with a session."""

import http.client
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

Visit = Callable[[int], int]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: list[int]) -> float:
    """User plus system time of these processes, in seconds, dead children of theirs included."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(parent, []).append(pid)
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def memory_mib(pids: list[int]) -> float:
    """Proportional set size of these processes in MiB."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])  # type: ignore[index]
    return round(total / 1024, 1)


@dataclass
class Browser:
    """One keep-alive connection with cookies; remembers the CSRF token of the last page."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str) -> tuple[int, bytes]:
        return self._send("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        return self._send("POST", path, urlencode(fields | {"csrfmiddlewaretoken": self.token}))

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": "localhost"}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if found := re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', text):
            self.token = found[1].decode()
        return answer.status, text


@dataclass(frozen=True)
class Sample:
    """What one page costs: CPU milliseconds and latencies of `count` requests; `per_second` is for two at once."""

    count: int
    app_ms: float
    database_ms: float
    p50_ms: float
    p95_ms: float
    per_second: float
    kilobytes: float

    @property
    def cpu_ms(self) -> float:
        return round(self.app_ms + self.database_ms, 2)


def measure(visits: list[Visit], count: int, app: int, database: int) -> Sample:
    """Read the clocks around `count` visits one after another, then let all visitors come at once.

    The first visitor is measured. Each visit takes the number of the request and returns the bytes of the answer.
    """
    for visit in visits:
        for i in range(min(40, count)):
            visit(-1 - i)
    app_before, database_before = cpu_seconds(tree(app)), cpu_seconds(tree(database))
    times, size = _visited(visits[0], range(count))
    app_after, database_after = cpu_seconds(tree(app)), cpu_seconds(tree(database))
    begin = time.perf_counter()
    with ThreadPoolExecutor(len(visits)) as pool:
        at_once = [pool.submit(_visited, visit, range(count * n, count * (n + 1))) for n, visit in enumerate(visits, 1)]
        for visited in at_once:
            visited.result()
    whole = time.perf_counter() - begin
    times.sort()
    return Sample(
        count,
        round((app_after - app_before) / count * 1000, 2),
        round((database_after - database_before) / count * 1000, 2),
        round(times[count // 2] * 1000, 1),
        round(times[int(count * 0.95)] * 1000, 1),
        round(len(visits) * count / whole, 1),
        round(size / count / 1024, 1),
    )


def _visited(visit: Visit, numbers: range) -> tuple[list[float], int]:
    """The time of each visit, and the bytes of all answers."""
    times, size = [], 0
    for i in numbers:
        at = time.perf_counter()
        size += visit(i)
        times.append(time.perf_counter() - at)
    return times, size


def yardstick() -> float:
    """CPU milliseconds of a fixed piece of Python: what this machine, shared as it is, is worth right now."""
    begin = time.process_time()
    sum(i * i for i in range(2_000_000))
    return round((time.process_time() - begin) * 1000, 1)
