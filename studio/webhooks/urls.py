"""Routes of the webhook pages."""

from django.urls import path

from studio.webhooks import views

urlpatterns = [
    path("p/<slug:slug>/webhooks", views.webhooks, name="webhooks"),
    path("p/<slug:slug>/webhooks/<uuid:endpoint_id>", views.webhook, name="webhook"),
    path("p/<slug:slug>/webhooks/<uuid:endpoint_id>/act", views.act, name="webhook-act"),
]
