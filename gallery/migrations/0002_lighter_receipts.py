"""An event's receipt costs less to keep: its JSON as text, and no index on its time."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [("gallery", "0001_initial")]

    operations = [
        migrations.AlterField("eventreceipt", "receipt", models.TextField()),
        migrations.AlterField("eventreceipt", "created_at", models.DateTimeField(default=timezone.now)),
    ]
