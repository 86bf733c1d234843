"""Routes of the training pages."""

from django.urls import path, re_path

from studio.training import views

urlpatterns = [
    path("p/<slug:slug>/train", views.train, name="train"),
    path("p/<slug:slug>/train/estimate", views.estimate, name="run-estimate"),
    path("p/<slug:slug>/runs", views.runs, name="runs"),
    path("p/<slug:slug>/runs/<uuid:run_id>", views.run, name="run"),
    path("p/<slug:slug>/runs/<uuid:run_id>/series", views.series, name="run-series"),
    re_path(
        r"^p/(?P<slug>[-\w]+)/runs/(?P<run_id>[0-9a-f-]{36})/(?P<verb>cancel|pause|resume|retry|restart|keep)$",
        views.act,
        name="run-act",
    ),
]
