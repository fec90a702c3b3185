"""The addresses of the app."""

from __future__ import annotations

from django.urls import path

from staff.review import queue_views, views

app_name = "review"

urlpatterns = [
    path("", queue_views.queues, name="queues"),
    path("all/", views.list_, name="list"),
    path("treat/", queue_views.treat, name="treat"),
    path("queue/<slug:name>/", queue_views.queue, name="queue"),
    path("queue/<slug:name>/text/", queue_views.open_queue, name="open_queue"),
    path("<str:conversation>/", views.conversation, name="conversation"),
    path("<str:conversation>/care/", views.care_for, name="care"),
    path("<str:conversation>/text/", views.open_text, name="open_text"),
]
