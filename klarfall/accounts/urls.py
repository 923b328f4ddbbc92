"""URLs of the accounts app; sign-in, invitation and *My details* are in customers/urls.py.

Of allauth's own URLs only these exist: there is no public sign-up and no second address.
"""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from klarfall.accounts import house_start, views

urlpatterns = [
    path("logout/", allauth_views.logout, name="account_logout"),
    path("password/change/", views.PasswordChange.as_view(), name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.PasswordFromLink.as_view(),
        name="account_reset_password_from_key",
    ),
    path("staff-invitation/<str:token>/", views.staff_invitation, name="staff-invitation"),
    path("setup/", house_start.house_start, name="house-start"),
    path("language/", views.set_language, name="set_language"),
    path("shortcuts/", views.set_shortcuts, name="account_shortcuts"),
]
