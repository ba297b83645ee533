"""The project's routes."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from gallery.views.login import LimitedLoginView

handler500 = "gallery.views.outage.server_error"

urlpatterns = [
    path("login/", LimitedLoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url=static("gallery/favicon.svg"))),  # the admin and /api/docs name none
    path("admin/", admin.site.urls),
    path("", include("gallery.urls")),
]
