"""Routes of the upload element."""

from django.urls import path

from studio.uploads import views

urlpatterns = [
    path("p/<slug:slug>/uploads", views.begin, name="upload-begin"),
    path("p/<slug:slug>/uploads/<uuid:upload_id>", views.show, name="upload-show"),
    path("p/<slug:slug>/uploads/<uuid:upload_id>/parts", views.add_part, name="upload-part"),
    path("p/<slug:slug>/uploads/<uuid:upload_id>/complete", views.complete, name="upload-complete"),
    path("p/<slug:slug>/uploads/<uuid:upload_id>/cancel", views.cancel, name="upload-cancel"),
]
