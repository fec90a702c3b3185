"""The addresses of the app."""

from __future__ import annotations

from django.urls import path

from staff.accounts import people, views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.login, name="login"),
    path("sign-out/", views.logout, name="logout"),
    path("invitation/<uidb64>/<token>/", views.invitation, name="invitation"),
    path("second-factor/", views.second_factor, name="second_factor"),
    path("language/", views.language, name="language"),
    path("", views.profile, name="profile"),
    path("password/", views.password, name="password"),
    path("backup-codes/", views.backup_codes, name="backup_codes"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/link/", people.new_link, name="new_link"),
    path("people/<int:pk>/second-factor/", people.reset_second_factor, name="reset_second_factor"),
]
