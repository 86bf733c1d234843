"""Indexes that others cover, or that nothing reads, go: a large glossary is written with half the work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("glossaries", "0008_pairs"),
    ]

    operations = [
        migrations.AlterField("term", "norm_key", models.CharField(max_length=512)),
        migrations.AlterField(
            "term",
            "concept",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="terms",
                to="glossaries.concept",
            ),
        ),
        migrations.AlterField(
            "versionitem",
            "version",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="glossaries.glossaryversion",
            ),
        ),
    ]
