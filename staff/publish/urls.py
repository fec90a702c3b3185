"""The addresses of the app."""

from __future__ import annotations

from django.urls import path

from staff.publish import views

app_name = "publish"

urlpatterns = [
    path("", views.draft, name="draft"),
    path("check/", views.check, name="check"),
    path("progress/", views.progress, name="progress"),
    path("now/", views.publish, name="publish"),
    path("back/<int:pk>/", views.roll_back, name="roll_back"),
]
