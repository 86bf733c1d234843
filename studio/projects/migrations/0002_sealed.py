"""Answers that are kept for repeated requests, sealed."""

from django.db import migrations, models

from studio.sealing import SealedField, sealing


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0001_projects"),
    ]

    operations = [
        migrations.AlterField("answer", "response", models.TextField(blank=True)),
        migrations.RunPython(*sealing("projects", "Answer", "response")),
        migrations.AlterField("answer", "response", SealedField(blank=True)),
    ]
