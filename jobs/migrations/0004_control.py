import django.contrib.postgres.fields
from django.db import migrations, models


def labels() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=32), blank=True, default=list, size=None
    )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_fill_series"),
    ]

    operations = [
        migrations.AddField(model_name="job", name="busy_s", field=models.FloatField(default=0)),
        migrations.AddField(model_name="job", name="disk_bytes", field=models.BigIntegerField(default=0)),
        migrations.AddField(
            model_name="job", name="peak_memory_bytes", field=models.BigIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="job",
            name="waits_for",
            field=models.CharField(
                blank=True, choices=[("", "Nobody"), ("room", "Room")], default="", max_length=16
            ),
        ),
        migrations.AddField(model_name="job", name="needs", field=labels()),
        migrations.AddField(model_name="node", name="labels", field=labels()),
        migrations.AddField(
            model_name="node", name="free_bytes", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope", models.UUIDField(blank=True, null=True)),
                ("running_jobs", models.PositiveIntegerField(blank=True, null=True)),
                ("queued_jobs", models.PositiveIntegerField(blank=True, null=True)),
                ("disk_bytes", models.BigIntegerField(blank=True, null=True)),
                ("compute_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("scope",), name="quota_scope", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(("disk_bytes__gte", 0)), name="quota_disk"),
                ],
            },
        ),
    ]
