import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("datasets", "0001_datasets"),
        ("jobs", "0001_jobs"),
        ("projects", "0001_projects"),
        ("registry", "0001_registry"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("seed", models.PositiveIntegerField(default=7)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("created_by", models.CharField(blank=True, max_length=150)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "dataset_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="datasets.datasetversion",
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evaluation", to="jobs.job"
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluations",
                        to="registry.modelversion",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluations",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ItemRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("item", models.CharField(max_length=400)),
                ("concept", models.CharField(db_index=True, max_length=256)),
                ("prompt", models.TextField()),
                ("expected", models.JSONField(default=list)),
                ("forbidden", models.JSONField(default=list)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                ("before_correct", models.BooleanField()),
                ("after_correct", models.BooleanField()),
                ("before_forbidden", models.BooleanField()),
                ("after_forbidden", models.BooleanField()),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="evaluations.evaluation",
                    ),
                ),
            ],
            options={
                "ordering": ["evaluation", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "position"), name="item_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("metric", models.CharField(max_length=64)),
                ("before", models.FloatField()),
                ("after", models.FloatField()),
                ("change", models.FloatField()),
                ("ci_low", models.FloatField(blank=True, null=True)),
                ("ci_high", models.FloatField(blank=True, null=True)),
                ("n", models.PositiveIntegerField()),
                ("clusters", models.PositiveIntegerField(default=0)),
                ("cluster", models.CharField(max_length=16)),
                ("resamples", models.PositiveIntegerField(default=0)),
                ("seed", models.PositiveIntegerField(default=0)),
                ("verdict", models.CharField(max_length=16)),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="evaluations.evaluation",
                    ),
                ),
            ],
            options={
                "ordering": ["evaluation", "position"],
                "constraints": [models.UniqueConstraint(fields=("evaluation", "metric"), name="score_once")],
            },
        ),
    ]
