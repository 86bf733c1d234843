"""Runs from before the buckets get theirs."""

from django.db import migrations

FILL = """
INSERT INTO jobs_stepbucket (job_id, width, number, n, lowest, highest, total)
SELECT job_id, width, greatest(step - 1, 0) / width, count(*),
       array[min(loss), min(lr), min(norm), min(speed)],
       array[max(loss), max(lr), max(norm), max(speed)],
       array[sum(loss), sum(lr), sum(norm), sum(speed)]
FROM (
    SELECT job_id, step, (payload ->> 'train_loss')::float8 AS loss, (payload ->> 'lr')::float8 AS lr,
           (payload ->> 'grad_norm')::float8 AS norm, (payload ->> 'tokens_per_s')::float8 AS speed
    FROM jobs_jobevent WHERE type = 'step'
) AS steps CROSS JOIN (VALUES (16), (256), (4096)) AS widths (width)
GROUP BY job_id, width, greatest(step - 1, 0) / width
"""


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_series"),
    ]

    operations = [
        migrations.RunSQL(FILL, "DELETE FROM jobs_stepbucket"),
    ]
