"""Routes of the evaluation pages."""

from django.urls import path

from studio.evaluations import views

urlpatterns = [
    path("p/<slug:slug>/evaluations", views.evaluations, name="evaluations"),
    path("p/<slug:slug>/evaluations/<uuid:evaluation_id>", views.evaluation, name="evaluation"),
]
