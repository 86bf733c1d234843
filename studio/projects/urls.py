"""Routes of a project's own pages: keys and members."""

from django.urls import path

from studio.projects import views

urlpatterns = [
    path("p/<slug:slug>/keys", views.keys, name="keys"),
    path("p/<slug:slug>/keys/<uuid:key_id>/revoke", views.revoke, name="key-revoke"),
    path("p/<slug:slug>/members", views.members, name="members"),
    path("p/<slug:slug>/members/<uuid:user_id>/remove", views.remove, name="member-remove"),
]
