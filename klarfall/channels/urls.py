"""URLs of the demo's mails; they answer 404 wherever this is no demo."""

from django.urls import path

from klarfall.channels import demo_mail

urlpatterns = [
    path("mails/", demo_mail.mails, name="demo-mails"),
    path("mails/<str:key>/", demo_mail.mail, name="demo-mail"),
    path("mails/<str:key>/html/", demo_mail.mail_html, name="demo-mail-html"),
]
