"""Root URLs: the customers' site at "/", the staff's site at "/desk/", sign-in at "/account/"."""

from django.urls import include, path

from klarfall.demo import views as demo
from klarfall.portal.views import teams
from klarfall.ui import brand

urlpatterns = [
    path("account/setup/own-house/", demo.own_house, name="own-house"),
    path("account/", include("klarfall.customers.urls")),
    path("account/", include("klarfall.accounts.urls")),
    path("account/", include("klarfall.channels.account_urls")),
    path("account/", include("klarfall.portal.account_urls")),
    path("hooks/", include("klarfall.telephony.urls")),
    path("demo/", include("klarfall.channels.urls")),
    path("ui/", include("klarfall.ui.urls")),
    path("", include("klarfall.operations.urls")),
    path("handover/<str:token>/", teams.wish, name="handover-page"),
    path("brand.css", brand.css, name="brand-css"),
    path("brand/logo/", brand.logo, name="brand-logo"),
    path("desk/", include("klarfall.desk.urls")),
    path("", include("klarfall.portal.urls")),
]

handler400 = "klarfall.ui.views.bad_request"
handler403 = "klarfall.ui.views.forbidden"
handler404 = "klarfall.ui.views.not_found"
handler500 = "klarfall.ui.views.server_error"
handler429 = "klarfall.ui.views.too_many_requests"  # allauth asks for it
