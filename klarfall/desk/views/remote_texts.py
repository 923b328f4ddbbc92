"""The words people agree to before a remote session: read every version, publish a new one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.accounts.people import people
from klarfall.contracts.actions.remote_consent import publish_consent_text
from klarfall.contracts.models import RemoteConsentText
from klarfall.contracts.remote_consent import ENGLISH, GERMAN
from klarfall.desk.access import needs
from klarfall.desk.forms.remote_texts import ConsentTextForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page


@needs("house.set_up")
def texts(request: HttpRequest) -> HttpResponse:
    """Shows the words in force with their earlier versions; POST publishes new ones."""
    scope = scope_of(request)
    versions = list(RemoteConsentText.objects.order_by("-version"))
    start = {"german": GERMAN, "english": ENGLISH}
    if versions:
        start = {"german": versions[0].german, "english": versions[0].english}
    form = ConsentTextForm(request.POST or None, initial=start)
    if request.method == "POST" and done(
        form, lambda: publish_consent_text(**form.cleaned_data, actor=scope.user, now=scope.now)
    ):
        messages.success(request, _("Published. Invitations from now on show these words."))
        return SeeOther(reverse("desk:remote-texts"))
    names = people(one.created_by_id for one in versions)
    rows = [(one, names[one.created_by_id].name if one.created_by_id in names else "") for one in versions]
    status = 422 if form.is_bound else 200
    return page(request, "desk/remote/texts.html", status=status, **shell(scope, "remote-texts"), form=form, rows=rows)
