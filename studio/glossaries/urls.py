"""Routes of the glossary pages."""

from django.urls import path

from studio.glossaries import candidate_views, coverage_views, draft_views, grid_views, import_views, views

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
    path("p/<slug:slug>/glossaries/new", draft_views.new, name="glossary-new"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/sheet", grid_views.rows, name="glossary-sheet"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/cells", grid_views.cells, name="glossary-cells"),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/cells/<str:move>", grid_views.move, name="glossary-move"
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/draft/<str:step>", draft_views.step, name="glossary-step"
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/reviews", draft_views.set_review, name="glossary-review"
    ),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/talk", draft_views.talk, name="glossary-talk"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/restore", draft_views.restore, name="glossary-restore"),
    path("p/<slug:slug>/glossaries/<uuid:glossary_id>/rows", views.make_rows, name="glossary-rows"),
    path(
        "p/<slug:slug>/glossary-versions/<uuid:version_id>", views.glossary_version, name="glossary-version"
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/coverage", coverage_views.page, name="glossary-coverage"
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/coverage/start",
        coverage_views.start,
        name="glossary-coverage-start",
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/coverage/<uuid:coverage_id>/rows",
        coverage_views.rows,
        name="glossary-coverage-rows",
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/candidates",
        candidate_views.page,
        name="glossary-candidates",
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/candidates/mine",
        candidate_views.mine,
        name="glossary-candidates-mine",
    ),
    path(
        "p/<slug:slug>/glossaries/<uuid:glossary_id>/candidates/decide",
        candidate_views.decide,
        name="glossary-candidates-decide",
    ),
]
