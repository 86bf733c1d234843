from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0006_sealed"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="expires_at",
            field=models.DateTimeField(blank=True, db_index=True, null=True),
        ),
    ]
