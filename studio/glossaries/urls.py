"""Routes of the glossary pages."""

from django.urls import path

from studio.glossaries import import_views, views

urlpatterns = [
    path("p/<slug:slug>/glossary-imports/<uuid:import_id>", import_views.show_import, name="glossary-import"),
    path("p/<slug:slug>/glossary-imports/<uuid:import_id>/choose", import_views.choose, name="import-choose"),
    path("p/<slug:slug>/glossary-imports/<uuid:import_id>/accept", import_views.accept, name="import-accept"),
    path("p/<slug:slug>/glossary-imports/<uuid:import_id>/plan", import_views.plan_again, name="import-plan"),
    path(
        "p/<slug:slug>/glossary-imports/<uuid:import_id>/discard", import_views.discard, name="import-discard"
    ),
    path(
        "p/<slug:slug>/glossary-imports/<uuid:import_id>/mapping",
        import_views.map_columns,
        name="import-mapping",
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/versions/<int:number>/export",
        import_views.export_version,
        name="glossary-export",
    ),
    path("p/<slug:slug>/glossaries", views.glossaries, name="glossaries"),
    path("p/<slug:slug>/glossaries/upload", views.upload, name="glossary-upload"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>", views.glossary, name="glossary"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/rows", views.make_rows, name="glossary-rows"),
    path(
        "p/<slug:slug>/glossary-versions/<uuid:version_id>", views.glossary_version, name="glossary-version"
    ),
]
