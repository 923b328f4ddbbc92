"""URLs of the accounts app; sign-in, invitation and *My details* are in customers/urls.py.

Of allauth's own URLs only these exist: there is no public sign-up and no second address.
"""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as app_views
from django.urls import path, re_path

from klarfall.accounts import house_start, second_factor_pages, views

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
    path("password/confirmation/", second_factor_pages.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("second-factor/", second_factor_pages.second_factor, name="mfa_index"),
    path("second-factor/code/", factor_views.authenticate, name="mfa_authenticate"),
    path("second-factor/confirmation/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/activation/", app_views.activate_totp, name="mfa_activate_totp"),
    path("second-factor/removal/", app_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/recovery-codes/", code_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/recovery-codes/new/", code_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/recovery-codes/file/", code_views.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("staff-invitation/<str:token>/", views.staff_invitation, name="staff-invitation"),
    path("setup/", house_start.house_start, name="house-start"),
    path("language/", views.set_language, name="set_language"),
    path("shortcuts/", views.set_shortcuts, name="account_shortcuts"),
]
