"""Django's sessions in the database, looked up by a statement that is prepared once."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from klarfall.core.prepared import prepared


@prepared
def _running(*, key: str, now: datetime) -> QuerySet[Any]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseStore):
    """The store of all sessions; stands in settings.SESSION_ENGINE."""

    def _get_session_from_db(self) -> Session | None:
        """The session of this key; one that is unknown or over gets a new key, as with Django."""
        found: Session
        for found in _running(key=self.session_key or "", now=timezone.now()):
            return found
        self._session_key = None
        return None
