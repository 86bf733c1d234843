import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("datasets", "0001_datasets"),
        ("jobs", "0001_jobs"),
        ("projects", "0001_projects"),
    ]

    operations = [
        migrations.CreateModel(
            name="Glossary",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                ("created_by", models.CharField(blank=True, max_length=150)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="glossaries",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "glossaries",
                "ordering": ["-created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Concept",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("uid", models.CharField(max_length=256)),
                ("content_hash", models.CharField(max_length=64)),
                ("subject_field", models.TextField(blank=True)),
                ("definitions", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True)),
                ("source", models.TextField(blank=True)),
                (
                    "glossary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="concepts",
                        to="glossaries.glossary",
                    ),
                ),
            ],
            options={
                "ordering": ["glossary", "uid"],
            },
        ),
        migrations.CreateModel(
            name="GlossaryVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("content_hash", models.CharField(max_length=64)),
                ("changes", models.JSONField(default=dict)),
                ("stats", models.JSONField(default=dict)),
                ("published_by", models.CharField(blank=True, max_length=150)),
                ("published_at", models.DateTimeField(auto_now_add=True)),
                (
                    "concepts_file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="datasets.storedfile",
                    ),
                ),
                (
                    "glossary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="glossaries.glossary",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jobs.job",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="glossaries.glossaryversion",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="datasets.storedfile",
                    ),
                ),
            ],
            options={
                "ordering": ["-published_at", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("lang", models.CharField(max_length=300)),
                ("text", models.CharField(max_length=256)),
                ("norm_key", models.CharField(db_index=True, max_length=512)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("preferred", "Preferred"),
                            ("admitted", "Admitted"),
                            ("deprecated", "Deprecated"),
                            ("superseded", "Superseded"),
                            ("forbidden", "Forbidden"),
                        ],
                        default="preferred",
                        max_length=16,
                    ),
                ),
                ("part_of_speech", models.TextField(blank=True)),
                ("term_type", models.TextField(blank=True)),
                ("case_sensitive", models.BooleanField(default=False)),
                ("match", models.CharField(default="inflect", max_length=16)),
                ("do_not_translate", models.BooleanField(default=False)),
                ("note", models.TextField(blank=True)),
                ("contexts", models.JSONField(blank=True, default=list)),
                (
                    "concept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="glossaries.concept",
                    ),
                ),
            ],
            options={
                "ordering": ["concept", "position"],
            },
        ),
        migrations.CreateModel(
            name="VersionItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                (
                    "concept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="glossaries.concept",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="glossaries.glossaryversion",
                    ),
                ),
            ],
            options={
                "ordering": ["version", "position"],
            },
        ),
        migrations.AddField(
            model_name="glossaryversion",
            name="concepts",
            field=models.ManyToManyField(
                related_name="versions", through="glossaries.VersionItem", to="glossaries.concept"
            ),
        ),
        migrations.AddConstraint(
            model_name="glossary",
            constraint=models.UniqueConstraint(fields=("project", "name"), name="glossary_name"),
        ),
        migrations.AddConstraint(
            model_name="concept",
            constraint=models.UniqueConstraint(fields=("glossary", "content_hash"), name="concept_content"),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(fields=("concept", "position"), name="term_position"),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "preferred")),
                fields=("concept", "lang"),
                name="term_one_preferred",
            ),
        ),
        migrations.AddConstraint(
            model_name="versionitem",
            constraint=models.UniqueConstraint(fields=("version", "concept"), name="versionitem_once"),
        ),
        migrations.AddConstraint(
            model_name="glossaryversion",
            constraint=models.UniqueConstraint(fields=("glossary", "number"), name="glossaryversion_number"),
        ),
    ]
