"""Lines of draft concepts, and the names of a glossary by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("glossaries", "0006_measured"),
    ]

    operations = [
        migrations.AddField(
            model_name="draftconcept",
            name="line",
            field=models.TextField(blank=True),
        ),
        migrations.AddIndex(
            model_name="concept",
            index=models.Index(fields=["glossary", "uid"], name="concept_uid"),
        ),
    ]
