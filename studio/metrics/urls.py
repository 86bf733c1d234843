"""Route of the metrics."""

from django.urls import path

from studio.metrics.views import metrics

urlpatterns = [path("metrics", metrics, name="metrics")]
