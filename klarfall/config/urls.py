"""Root URLs: the customers' site at "/", the staff's site at "/desk/", sign-in at "/account/"."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("klarfall.accounts.urls")),
    path("desk/", include("klarfall.desk.urls")),
    path("", include("klarfall.portal.urls")),
]
