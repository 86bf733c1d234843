from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("uploads", "0001_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="file_expires_s",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
