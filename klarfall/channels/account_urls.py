"""URLs below /account/ of the notices: which of them one gets."""

from django.urls import path

from klarfall.channels import notifications

urlpatterns = [path("notifications/", notifications.notifications, name="notifications")]
