"""The addresses of the app."""

from __future__ import annotations

from django.urls import path

from staff.audit import views

app_name = "audit"

urlpatterns = [
    path("", views.log, name="log"),
]
