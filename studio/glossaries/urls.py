"""Routes of the glossary pages."""

from django.urls import path

from studio.glossaries import views

urlpatterns = [
    path("p/<slug:slug>/glossaries", views.glossaries, name="glossaries"),
    path("p/<slug:slug>/glossaries/upload", views.upload, name="glossary-upload"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>", views.glossary, name="glossary"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/rows", views.make_rows, name="glossary-rows"),
    path(
        "p/<slug:slug>/glossary-versions/<uuid:version_id>", views.glossary_version, name="glossary-version"
    ),
]
