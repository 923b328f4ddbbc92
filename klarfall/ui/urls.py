"""The gallery of components."""

from django.urls import path

from klarfall.ui import views

app_name = "ui"

urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("mail/", views.mail_sample, name="gallery-mail"),
    path("<slug:name>/", views.gallery, name="gallery-page"),
]
