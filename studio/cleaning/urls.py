"""Routes of the cleaning pages."""

from django.urls import path, re_path

from studio.cleaning import views

urlpatterns = [
    path("p/<slug:slug>/datasets/<uuid:dataset_id>/clean", views.clean, name="clean"),
    path("p/<slug:slug>/cleanings/<uuid:cleaning_id>", views.cleaning, name="cleaning"),
    re_path(
        r"^p/(?P<slug>[-a-zA-Z0-9_]+)/cleanings/(?P<cleaning_id>[0-9a-f-]{36})/"
        r"(?P<deed>undo-all|undo-step|undo-row|accept-all|accept|refuse)$",
        views.act,
        name="cleaning-act",
    ),
]
