"""Routes of the dataset pages."""

from django.urls import path

from studio.datasets import version_views, views

VERSION = "p/<slug:slug>/datasets/<uuid:dataset_id>/versions/<int:number>"

urlpatterns = [
    path("p/<slug:slug>/datasets", views.datasets, name="datasets"),
    path("p/<slug:slug>/datasets/upload", views.upload, name="dataset-upload"),
    path("p/<slug:slug>/datasets/<uuid:dataset_id>", views.dataset, name="dataset"),
    path("p/<slug:slug>/files/<uuid:file_id>/forget", views.forget, name="file-forget"),
    path(VERSION + "/mix", version_views.mix, name="version-mix"),
    path(VERSION + "/measure", version_views.measure, name="version-measure"),
    path(VERSION + "/augment", version_views.augment, name="version-augment"),
    path(VERSION + "/add-generator", version_views.add_generator, name="version-add-generator"),
    path(VERSION + "/forget-generator", version_views.forget_generator, name="version-forget-generator"),
    path(VERSION + "/replay", version_views.replay, name="version-replay"),
    path(VERSION + "/resplit", version_views.resplit, name="version-resplit"),
    path(VERSION + "/restore", version_views.restore, name="version-restore"),
    path(VERSION + "/describe", version_views.describe, name="version-describe"),
    path(VERSION + "/delete", version_views.delete, name="version-delete"),
    path(VERSION + "/diff/<int:other>", version_views.diff, name="version-diff"),
]
