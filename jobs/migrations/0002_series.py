import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="thinned_to",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="StepBucket",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("width", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("n", models.PositiveIntegerField()),
                (
                    "lowest",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                (
                    "highest",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                (
                    "total",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="buckets", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["job", "width", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "width", "number"), name="stepbucket_place")
                ],
            },
        ),
    ]
