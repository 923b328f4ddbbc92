"""URLs below /account/ whose pages know customers."""

from django.urls import path

from klarfall.customers import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("demo/", views.demo, name="demo-sign-in"),
    path("me/", views.my_details, name="my-details"),
]
