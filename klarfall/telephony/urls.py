"""Addresses for machines: the events of the telephone system."""

from django.urls import path

from klarfall.telephony import views

urlpatterns = [path("cti/", views.cti_hook, name="cti-hook")]
