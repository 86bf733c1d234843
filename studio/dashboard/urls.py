"""Routes of the pages that look across apps, and the pages of the apps themselves."""

from django.urls import include, path
from django.views.i18n import set_language

from studio.dashboard import views

urlpatterns = [
    path("", views.home, name="home"),
    path("new", views.new_project, name="new-project"),
    path("language", set_language, name="set-language"),
    path("theme", views.set_theme, name="set-theme"),
    path("p/<slug:slug>/", views.project_home, name="project-home"),
    path("p/<slug:slug>/jump", views.jump, name="jump"),
    path("", include("studio.projects.urls")),
    path("", include("studio.glossaries.urls")),
    path("", include("studio.datasets.urls")),
    path("", include("studio.cleaning.urls")),
    path("", include("studio.intake.urls")),
    path("", include("studio.uploads.urls")),
    path("", include("studio.tokens.urls")),
    path("", include("studio.training.urls")),
    path("", include("studio.registry.urls")),
    path("", include("studio.evaluations.urls")),
    path("", include("studio.deployments.urls")),
    path("", include("studio.webhooks.urls")),
]
