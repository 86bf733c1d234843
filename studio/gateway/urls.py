"""Routes of the playground page."""

from django.urls import path

from studio.gateway import views

urlpatterns = [
    path("p/<slug:slug>/playground", views.playground, name="playground"),
    path("p/<slug:slug>/playground/chat", views.playground_chat, name="playground-chat"),
]
