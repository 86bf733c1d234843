"""Routes of the pages of a file of rows."""

from django.urls import path

from studio.intake import views

urlpatterns = [
    path("p/<slug:slug>/files/<uuid:file_id>/problems", views.problems, name="file-problems"),
    path(
        "p/<slug:slug>/files/<uuid:file_id>/problems.json",
        views.download,
        {"form": "json"},
        name="file-problems-json",
    ),
    path(
        "p/<slug:slug>/files/<uuid:file_id>/problems.csv",
        views.download,
        {"form": "csv"},
        name="file-problems-csv",
    ),
    path("p/<slug:slug>/files/<uuid:file_id>/check", views.check, name="file-check"),
    path("p/<slug:slug>/files/<uuid:file_id>/skip", views.skip, name="file-skip"),
    path("p/<slug:slug>/files/<uuid:file_id>/reading", views.reading, name="file-reading"),
    path("p/<slug:slug>/files/<uuid:file_id>/look", views.look, name="file-look"),
]
