"""URLs of the probes."""

from django.urls import path

from klarfall.operations import views

urlpatterns = [
    path("health/live/", views.live, name="health-live"),
    path("health/ready/", views.ready, name="health-ready"),
    path("metrics", views.figures, name="metrics"),
]
