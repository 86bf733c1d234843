"""Routes of the registry pages."""

from django.urls import path

from studio.registry import views

urlpatterns = [
    path("p/<slug:slug>/models", views.models, name="models"),
    path("p/<slug:slug>/models/<uuid:model_id>", views.model, name="model"),
]
