"""Routes of the token pages."""

from django.urls import path

from studio.tokens import views

urlpatterns = [
    path("p/<slug:slug>/datasets/<uuid:dataset_id>/tokens", views.tokens, name="dataset-tokens"),
    path("p/<slug:slug>/datasets/<uuid:dataset_id>/tokens/count", views.count, name="dataset-tokens-count"),
]
