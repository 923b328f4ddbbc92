"""A new request: the form, the hints beside it, and the receipt after sending."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from klarfall.core.action import Refused
from klarfall.portal.forms.request import RequestForm, draft_of
from klarfall.portal.help_before_sending import carried, carry, fitting_articles, left_over, prefilled
from klarfall.portal.offering import kind_words
from klarfall.portal.problem_banners import banners_for, hang_on
from klarfall.portal.shell import show
from klarfall.portal.typed import whole_number
from klarfall.portal.writing import Writing, promise, usual_card, writing
from klarfall.tickets import files
from klarfall.tickets.actions import draft as drafts
from klarfall.tickets.actions.submit import AlreadySent, NewRequest, submit
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import go


def new_request(request: HttpRequest) -> HttpResponse:
    """Shows the form; a POST sends the request, at any hour. Refused input keeps the draft and its files."""
    desk = writing(request, timezone.now())
    if not desk.contacts:
        return show(request, "portal/new/nobody.html", here="requests", status=403)
    about = carried(desk)
    form = _form(desk, request.POST or None, prefilled(desk, about))
    if request.method == "POST" and form.is_valid():
        if form.wants_visit:
            _keep(desk)
            return go(request, reverse("portal:new-consulting") + "?from=draft")
        try:
            return go(request, "portal:receipt", _send(desk, form).number)
        except AlreadySent as twice:
            return go(request, "portal:receipt", twice.ticket.number)
        except Refused as problem:
            form.refuse(problem)
    if request.method == "POST":
        _keep(desk, form)
    context = _page(desk, form) | {"problems": _problems(desk, form), "about": about, "searched": left_over(desk)}
    return show(request, "portal/new/page.html", here="requests", status=422 if form.errors else 200, **context)


def hints(request: HttpRequest) -> HttpResponse:
    """Answers a change in the form: the usual assessment, the promise, and the areas of the chosen product."""
    desk = writing(request, timezone.now())
    if not desk.contacts:
        raise Http404
    form = _form(desk, None, {name: request.GET.get(name, "") for name in ("product", "area", "kind", "impact")})
    context = _page(desk, form)
    if context["product"]:
        names = {context["product"].name, ""}
        context["areas"] = [group for group in context["areas"] if group[0] in names]
    return show(request, "portal/new/page.html", part="hints", here="requests", areas_too=True, **context)


def receipt(request: HttpRequest, number: int) -> HttpResponse:
    """Confirms what was sent: number, promise, what happens next."""
    ticket = get_object_or_404(Ticket.objects.select_related("calendar", "product"), number=number)
    context = {"calendar": ticket.calendar, "ticket": ticket}
    context["articles"] = fitting_articles(ticket.title, product_id=ticket.product_id, area_id=ticket.area_id)
    return show(request, "portal/new/receipt.html", here="requests", **context)


def _form(desk: Writing, data: Any, typed: dict[str, Any] | None = None) -> RequestForm:
    return RequestForm(
        data,
        offered=desk.offered,
        contacts=desk.contacts,
        today=timezone.localdate(desk.now),
        initial=desk.initial() | (typed or {}),
    )


def _send(desk: Writing, form: RequestForm) -> Ticket:
    data = form.cleaned_data
    names = ("product", "title", "description", "kind", "area", "partner_product", "impact", "tried", "needed_by")
    wanted = {name: data[name] for name in (*names, "confidential")}
    ticket = submit(
        data["contact"],
        request=NewRequest(**wanted, version=desk.version_of(data["product"])),
        uploads=desk.uploads,
        files=desk.request.FILES.getlist("files"),
        actor=desk.request.user,
        now=desk.now,
    )
    hang_on(desk.request, ticket, desk.now)
    carry(desk, ticket)
    return ticket


def _problems(desk: Writing, form: RequestForm) -> list[Any]:
    """The known problems of the chosen product and area."""
    chosen = {f"{name}_id": whole_number(form[name].value()) for name in ("product", "area")}
    return banners_for(desk.request, desk.now, **chosen)


def _keep(desk: Writing, form: RequestForm | None = None) -> None:
    """Keeps what was typed and attached in the draft, so that an error costs nobody their work."""
    now, actor = desk.now, desk.request.user
    try:
        drafts.save_draft(desk.contact, data=draft_of(desk.request.POST), actor=actor, now=now)
        for file in desk.request.FILES.getlist("files"):
            drafts.add_upload(desk.contact, file=file, actor=actor, now=now)
    except Refused as problem:
        if form is not None and str(problem) not in form.non_field_errors():
            form.refuse(problem)
    desk.forget_draft()


def _page(desk: Writing, form: RequestForm) -> dict[str, Any]:
    chosen, kinds = str(form["kind"].value() or ""), desk.offered.kinds
    product = desk.offered.product(whole_number(form["product"].value()))
    kind = next((one for one in kinds if one.code == chosen), None)
    unsure = next((one.code for one in kinds if not one.usual_outcome and not one.to_consulting), "")
    return {
        "form": form,
        "desk": desk,
        "product": product,
        "version": desk.version_of(product) if product else None,
        "kinds": [(one, *kind_words(one), one.code == (chosen or unsure)) for one in kinds],
        "not_covered": desk.not_covered(product),
        "card": usual_card(desk.offered, kind, reverse("portal:catalogue")),
        "promise": promise(desk.calendar_for(product), str(form["impact"].value()), desk.now),
        "areas": _areas(form, product),
        "max_mb": files.MAX_BYTES // 1024**2,
        "uploads": [_upload(one) for one in desk.uploads],
    }


def _areas(form: RequestForm, product: Any) -> list[Any]:
    """The groups of the area field, that of the chosen product first; without scripts all can be chosen."""
    groups = list(form.fields["area"].choices)  # type: ignore[attr-defined]
    return sorted(groups, key=lambda group: (group[0] != "", product is not None and group[0] != product.name))


def _upload(upload: Any) -> dict[str, Any]:
    address = reverse("portal:upload-removal", args=[upload.pk])
    return {"name": upload.name, "size": upload.size, "remove_url": address}
