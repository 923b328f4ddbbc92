"""How often something may be tried, counted in the database: the limits hold for all processes together.

Counters are kept as keyed hashes of what is counted, so that the table says nothing about anybody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import connection
from django.utils.crypto import salted_hmac

_IPV6_PREFIX = 64  # one household or office; its single addresses cost nothing

_COUNT = (
    "INSERT INTO accounts_tally (key, since, count) VALUES (%s, %s, 1)"
    " ON CONFLICT (key, since) DO UPDATE SET count = accounts_tally.count + 1 RETURNING count"
)

_UNCOUNT = "UPDATE accounts_tally SET count = greatest(count - 1, 0) WHERE key = %s AND since = %s"


@dataclass(frozen=True)
class Limit:
    """At most `most` times within each window of `span`, for each value that is counted."""

    name: str
    most: int
    span: timedelta

    def window(self, now: datetime) -> datetime:
        """The beginning of the window in which `now` lies."""
        seconds = int(self.span.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)


def allows(limit: Limit, value: str, *, now: datetime) -> bool:
    """Count one attempt; False when the limit was reached before. Parallel attempts wait for each other here."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(limit, value), limit.window(now)])
        return bool(cursor.fetchone()[0] <= limit.most)


def give_back(limit: Limit, value: str, *, now: datetime) -> None:
    """Take one attempt back: it was no attempt after all."""
    with connection.cursor() as cursor:
        cursor.execute(_UNCOUNT, [_key(limit, value), limit.window(now)])


def _key(limit: Limit, value: str) -> str:
    return salted_hmac(f"klarfall.limit.{limit.name}", value, algorithm="sha256").hexdigest()


def all_allow(counted: list[tuple[Limit, str]], *, now: datetime) -> bool:
    """Count one attempt for each, also where an earlier one refuses: what was tried does not depend on the answer."""
    answers = [allows(limit, value, now=now) for limit, value in counted]
    return all(answers)


def neighbourhood(address: str) -> str:
    """What attempts from a network address are counted by: IPv4 as it is, of IPv6 the network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return str(found.ipv4_mapped)  # a server that listens on both sees IPv4 like this
    if isinstance(found, IPv6Address):
        return str(ip_network(f"{found}/{_IPV6_PREFIX}", strict=False).network_address)
    return str(found)
