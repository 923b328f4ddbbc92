"""Lines of the log without personal data, as JSON or for eyes.

What people typed reaches a log by addresses (tokens, search words), by messages of exceptions (a database repeats the
value that it refused) and by packages that log what they were given. So an address is replaced by the name of its
page, an exception by its type, its code and where it happened, and what looks like a mail address or token is masked.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from klarfall.operations.current_request import current

_MAIL = re.compile(r"[^\s@<>\"'(){}\[\],;:]+@[^\s@<>\"'(){}\[\],;:]+")
#: Long, with small and capital letters and digits: what we draw for links. Hashes have small letters only.
_TOKEN = re.compile(r"\b(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}")
#: An address with more than one part.
_PATH = re.compile(r"(?<![\w.])/(?:[\w.~%:@=-]+/)+[^\s'\"]*")
_ROOT = str(settings.BASE_DIR) if settings.configured else ""
_FRAMES = 12


class Lines(logging.Formatter):
    """One readable line, and where an exception happened below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        one = current()
        where = f" [{one.page} {one.id}]" if one else ""
        error = _error(record)
        rest = "".join(f"\n    {key}: {value}" for key, value in error.items() if value)
        return f"{at} {record.levelname} {record.name}: {_message(record)}{where}{rest}"


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: time, level, logger, message; within a request its number, page and the user's number."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if one := current():
            line |= {"request": one.id, "page": one.page, "method": one.request.method, "user": one.user_id}
        line |= getattr(record, "facts", {})
        if error := _error(record):
            line["error"] = error
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith("django.security"):
        return record.name.rpartition(".")[2]  # what was suspicious is the visitor's own words
    if record.name.startswith("django.request") and hasattr(record, "status_code"):
        return f"answered {record.status_code}"  # Django adds the address
    return masked(record.getMessage())


def masked(text: str) -> str:
    """The text without mail addresses, tokens and addresses of pages."""
    text = _MAIL.sub("<mail>", text)
    text = _TOKEN.sub("<token>", text)
    return _PATH.sub(lambda found: found[0] if found[0].startswith(_ROOT + "/") else "<path>", text)


def _error(record: logging.LogRecord) -> dict[str, Any]:
    """Type, code and place of an exception; its words are left out, except with DEBUG."""
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    kind, problem, trace = record.exc_info
    frames = traceback.extract_tb(trace)
    packages = [one for one in frames if "site-packages" in one.filename]
    ours = [one for one in frames if one not in packages]
    frames_told = [*ours[-_FRAMES:], *packages[-1:]]
    cause = problem.__cause__
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}" if kind else "",
        "code": getattr(problem, "sqlstate", None) or getattr(cause, "sqlstate", None),
        "constraint": _constraint(problem) or _constraint(cause),
        "where": [f"{one.filename.removeprefix(_ROOT)}:{one.lineno} {one.name}" for one in frames_told],
        "words": str(problem) if settings.DEBUG else None,
    }


def _constraint(problem: BaseException | None) -> str | None:
    return getattr(getattr(problem, "diag", None), "constraint_name", None)
