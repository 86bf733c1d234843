from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("glossaries", "0002_drafts")]

    operations = [
        migrations.AddField("concept", "broader", models.JSONField(blank=True, default=list)),
        migrations.AddField("concept", "extra", models.JSONField(blank=True, default=dict)),
        migrations.AddField("term", "extra", models.JSONField(blank=True, default=dict)),
    ]
