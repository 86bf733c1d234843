"""Every route of the house."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from studio.rest import api

handler500 = "studio.broken.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", api.urls),
    path("", include("studio.accounts.urls")),
    path("", include("studio.dashboard.urls")),
    path("", include("studio.gateway.urls")),
    path("", include("studio.metrics.urls")),
]
