"""The addresses of the app. Each view says which role may open it (staff/accounts/roles.py)."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from staff.accounts.roles import Role, needs

urlpatterns = [
    path("", needs(Role.REVIEWER)(RedirectView.as_view(pattern_name="review:queues")), name="home"),
    path("account/", include("staff.accounts.urls")),
    path("conversations/", include("staff.review.urls")),
    path("answers/", include("staff.teach.urls")),
    path("publish/", include("staff.publish.urls")),
    path("figures/", include("staff.figures.urls")),
    path("log/", include("staff.audit.urls")),
]
