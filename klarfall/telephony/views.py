"""The address to which the telephone system sends its events; without a secret it does not exist."""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from klarfall.accounts.access import client_address
from klarfall.accounts.limits import Limit, allows, neighbourhood
from klarfall.accounts.models import User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.telephony import hook_events, signature
from klarfall.telephony.actions.live import Replayed, take_event

#: Events of a busy house; a flood ends here, before anything is computed.
_EVENTS = Limit("cti", 600, timedelta(minutes=1))


@csrf_exempt
@login_not_required
def cti_hook(request: HttpRequest) -> JsonResponse:
    """Takes one signed event (POST, JSON). What is wrong is named by a code, never what we know."""
    now = timezone.now()
    if not settings.CTI_SECRET:
        raise Http404
    refusal = _refusal(request, now)
    if refusal is not None:
        return refusal
    body = request.read(hook_events.LARGEST + 1)
    if not signature.is_signed(request.headers.get(signature.HEADER, ""), body, settings.CTI_SECRET, now.timestamp()):
        return _answer(HTTPStatus.UNAUTHORIZED, "signature")
    try:
        call = take_event(hook_events.read(body, now), actor=_system(), now=now)
    except hook_events.BadEvent as problem:
        return _answer(HTTPStatus.BAD_REQUEST, problem.code, problem.field)
    except Replayed:
        return _answer(HTTPStatus.CONFLICT, "replayed")
    return JsonResponse({"ok": True, "shown": call is not None}, status=HTTPStatus.ACCEPTED)


def _refusal(request: HttpRequest, now: datetime) -> JsonResponse | None:
    """What is refused before a byte of the body is read."""
    if request.method != "POST":
        return _answer(HTTPStatus.METHOD_NOT_ALLOWED, "post_only")
    if not allows(_EVENTS, neighbourhood(client_address(request)), now=now):
        return _answer(HTTPStatus.TOO_MANY_REQUESTS, "too_many")
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length[:12]) > hook_events.LARGEST:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    return None


def _system() -> User:
    """In whose name machines act."""
    with viewing_as(SYSTEM):
        return User.objects.system()


def _answer(status: int, code: str, field: str = "") -> JsonResponse:
    return JsonResponse({"ok": False, "error": code, **({"field": field} if field else {})}, status=status)
