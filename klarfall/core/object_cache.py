"""The cache of one process, which hands out the object that was put in instead of a copy of it."""

import pickle
from dataclasses import dataclass
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

from klarfall.core import master_data

#: Whoever gets one of these may change it, or count on: they are copied as by Django.
_COPIED = (list, dict, set, int)


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any


class ObjectCache(LocMemCache):
    """Django's cache in memory for what a page reads twenty times: vendor, calendars, catalogue. Never change them."""

    _cache: Any
    _lock: Any
    _set: Any
    _delete: Any
    _has_expired: Any

    def make_key(self, key: str, version: int | None = None) -> str:
        """What is ours is kept under the stamp of master data: a change makes it unknown in every process."""
        return super().make_key(f"{key}@{master_data.stamp()}" if key.startswith("klarfall.") else key, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep the object itself."""
        if isinstance(value, _COPIED):
            return super().set(key, value, timeout, version)
        name = self.make_and_validate_key(key, version=version)
        with self._lock:
            return self._set(name, _Kept(value), timeout)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the object unless there is one; says whether it did."""
        if isinstance(value, _COPIED):
            return super().add(key, value, timeout, version)
        name = self.make_and_validate_key(key, version=version)
        with self._lock:
            if missing := self._has_expired(name):
                self._set(name, _Kept(value), timeout)
            return missing

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The object itself, or a copy of a plain list and the like."""
        name = self.make_and_validate_key(key, version=version)
        with self._lock:
            if self._has_expired(name):
                self._delete(name)
                return default
            found = self._cache[name]
            self._cache.move_to_end(name, last=False)
        return found.value if isinstance(found, _Kept) else pickle.loads(found)  # noqa: S301 - our own
