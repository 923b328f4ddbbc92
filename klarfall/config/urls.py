"""Root URLs: the customers' site at "/", the staff's site at "/desk/", sign-in at "/account/"."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("account/", include("klarfall.accounts.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("ui/", include("klarfall.ui.urls")),
    path("desk/", include("klarfall.desk.urls")),
    path("", include("klarfall.portal.urls")),
]

handler400 = "klarfall.ui.views.bad_request"
handler403 = "klarfall.ui.views.forbidden"
handler404 = "klarfall.ui.views.not_found"
handler500 = "klarfall.ui.views.server_error"
