"""The keys of generators, sealed."""

from django.db import migrations, models

from studio.sealing import SealedField, sealing


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0005_kept_files"),
    ]

    operations = [
        migrations.AlterField("generator", "api_key", models.TextField(blank=True)),
        migrations.RunPython(*sealing("datasets", "Generator", "api_key")),
        migrations.AlterField("generator", "api_key", SealedField(blank=True)),
    ]
