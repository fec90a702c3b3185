"""The addresses of the app."""

from __future__ import annotations

from django.urls import path

from staff.figures import care, export, views

app_name = "figures"

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("csv/", export.table, name="csv"),
    path("care/", care.care, name="care"),
    path("conversation/<slug:conversation>/", export.conversation, name="conversation_export"),
]
