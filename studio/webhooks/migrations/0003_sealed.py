"""The secrets of webhooks, sealed."""

from django.db import migrations, models

from studio.sealing import SealedField, sealing


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_headers"),
    ]

    operations = [
        migrations.AlterField("endpoint", "secret", models.TextField()),
        migrations.AlterField("endpoint", "old_secret", models.TextField(blank=True)),
        migrations.RunPython(*sealing("webhooks", "Endpoint", "secret", "old_secret")),
        migrations.AlterField("endpoint", "secret", SealedField()),
        migrations.AlterField("endpoint", "old_secret", SealedField(blank=True)),
    ]
