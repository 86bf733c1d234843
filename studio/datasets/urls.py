"""Routes of the dataset pages."""

from django.urls import path

from studio.datasets import views

urlpatterns = [
    path("p/<slug:slug>/datasets", views.datasets, name="datasets"),
    path("p/<slug:slug>/datasets/upload", views.upload, name="dataset-upload"),
    path("p/<slug:slug>/datasets/<uuid:dataset_id>", views.dataset, name="dataset"),
    path("p/<slug:slug>/files/<uuid:file_id>/forget", views.forget, name="file-forget"),
]
