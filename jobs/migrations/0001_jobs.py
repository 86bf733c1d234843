import uuid

import django.db.models.deletion
from django.db import migrations, models

import jobs.states


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                ("name", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("slots", models.JSONField(default=dict)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("draining", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("scope", models.UUIDField(db_index=True)),
                ("kind", models.CharField(max_length=64)),
                ("pool", models.CharField(default="data", max_length=64)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("payload", models.JSONField(default=dict)),
                ("priority", models.SmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("starting", "starting"),
                            ("running", "running"),
                            ("pausing", "pausing"),
                            ("paused", "paused"),
                            ("cancelling", "cancelling"),
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default=jobs.states.JobState["QUEUED"],
                        max_length=16,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("max_failures", models.PositiveIntegerField(default=3)),
                ("lease_owner", models.CharField(blank=True, max_length=200)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("process_group", models.IntegerField(blank=True, null=True)),
                ("process_started", models.BigIntegerField(blank=True, null=True)),
                ("events_attempt", models.PositiveIntegerField(default=0)),
                ("events_offset", models.BigIntegerField(default=0)),
                ("last_seq", models.BigIntegerField(default=0)),
                ("step", models.PositiveIntegerField(default=0)),
                ("steps", models.PositiveIntegerField(default=0)),
                ("checkpoint", models.JSONField(blank=True, null=True)),
                ("error", models.JSONField(blank=True, null=True)),
                ("result", models.JSONField(blank=True, null=True)),
                ("created_by", models.CharField(blank=True, max_length=150)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "node",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to="jobs.node",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Artifact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100)),
                ("attempt", models.PositiveIntegerField()),
                ("path", models.CharField(max_length=500)),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.BigIntegerField()),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="artifacts", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["job", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "attempt", "name"), name="artifact_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="JobEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                ("type", models.CharField(max_length=32)),
                ("step", models.PositiveIntegerField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("payload", models.JSONField(default=dict)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["job", "seq"],
                "indexes": [models.Index(fields=["job", "type", "step"], name="jobevent_series")],
                "constraints": [models.UniqueConstraint(fields=("job", "seq"), name="jobevent_seq")],
            },
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "pool", "-priority", "created_at"], name="job_queue"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["scope", "-created_at"], name="job_scope"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ["cancelling", "pausing", "running", "starting"])),
                fields=["lease_expires_at"],
                name="job_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "queued",
                            "starting",
                            "running",
                            "pausing",
                            "paused",
                            "cancelling",
                            "succeeded",
                            "failed",
                            "cancelled",
                        ],
                    )
                ),
                name="job_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["cancelling", "pausing", "running", "starting"]), _negated=True),
                    ("lease_expires_at__isnull", False),
                    _connector="OR",
                ),
                name="job_held_has_lease",
            ),
        ),
    ]
