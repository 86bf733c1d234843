"""Routes of the deployment pages."""

from django.urls import path

from studio.deployments import views

urlpatterns = [
    path("p/<slug:slug>/deployments", views.deployments, name="deployments"),
    path("p/<slug:slug>/deployments/<uuid:deployment_id>/stop", views.stop, name="deployment-stop"),
]
