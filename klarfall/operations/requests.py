"""Around every request: a number for the log, one line when it is done, its duration for the metrics.

Outermost of all middleware: probes are answered here, before anybody asks for sessions, hosts or the database.
"""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from klarfall.operations import metrics, views
from klarfall.operations.current_request import named

_log = logging.getLogger("klarfall.request")

Handler = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: Handler) -> Handler:
    """Answer probes at once; measure and log everything else."""

    def answer(request: HttpRequest) -> HttpResponse:
        if probe := views.PROBES.get(request.path):
            return probe(request)
        with named(request) as one:
            started = time.perf_counter()
            response = get_response(request)
            seconds = time.perf_counter() - started
            metrics.observe(one.page, request.method or "", response.status_code, seconds)
            facts = {"status": response.status_code, "ms": round(seconds * 1000, 1)}
            _log.info("%s %s in %s ms", response.status_code, one.page, facts["ms"], extra={"facts": facts})
            response["X-Request-ID"] = one.id
            return response

    return answer
