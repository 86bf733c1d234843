"""Whether the concept of an answer was held out of training."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0001_evaluations"),
    ]

    operations = [
        migrations.AddField("itemrow", "unseen", models.BooleanField(default=False)),
    ]
