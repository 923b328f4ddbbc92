"""URLs below /account/ of people who come in: registration and invitation. They have no namespace: mails name them."""

from django.urls import path

from klarfall.portal.views import invitation, registration

urlpatterns = [
    path("register/", registration.register, name="register"),
    path("register/code/", registration.code, name="register-code"),
    path("register/details/", registration.details, name="register-details"),
    path("register/done/", registration.done, name="register-done"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
]
