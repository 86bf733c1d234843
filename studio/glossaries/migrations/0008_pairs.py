"""How many entries the dictionaries of a version have, counted once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("glossaries", "0007_large"),
    ]

    operations = [
        migrations.AddField(
            model_name="glossaryversion",
            name="pairs",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="dictionary",
            name="entry_count",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="dictionary",
            name="counted_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="glossaries.glossaryversion",
            ),
        ),
    ]
