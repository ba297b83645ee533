"""Count the items that are there. A process of the version before does not count; ``manage.py verify --repair`` does."""

from django.db import migrations

COUNT = """
UPDATE gallery_folder SET item_count = (
    SELECT COUNT(*) FROM gallery_item
    WHERE gallery_item.folder_id = gallery_folder.id AND gallery_item.trashed_at IS NULL
)
"""


class Migration(migrations.Migration):

    dependencies = [("gallery", "0003_trees_trash_and_tags")]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
