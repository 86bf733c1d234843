"""The tokens of model servers, sealed."""

from django.db import migrations, models

from studio.sealing import SealedField, sealing


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0001_deployments"),
    ]

    operations = [
        migrations.AlterField("deployment", "token", models.TextField()),
        migrations.RunPython(*sealing("deployments", "Deployment", "token")),
        migrations.AlterField("deployment", "token", SealedField()),
    ]
