"""Where the words of items are kept, and the database's own full text index over them.

What is here already is written down by the server, piece by piece, as what comes (``gallery/services/search_index.py``).
"""

import gallery.models.fields
from django.db import migrations, models


SQLITE = (
    """CREATE VIRTUAL TABLE gallery_search_index USING fts5(
        facets, open_words, private_words,
        content='gallery_searchdocument', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='2 3'
    )""",
    """CREATE TRIGGER gallery_search_insert AFTER INSERT ON gallery_searchdocument BEGIN
        INSERT INTO gallery_search_index (rowid, facets, open_words, private_words)
        VALUES (new.id, new.facets, new.open_words, new.private_words);
    END""",
    """CREATE TRIGGER gallery_search_delete AFTER DELETE ON gallery_searchdocument BEGIN
        INSERT INTO gallery_search_index (gallery_search_index, rowid, facets, open_words, private_words)
        VALUES ('delete', old.id, old.facets, old.open_words, old.private_words);
    END""",
)
# A document is written anew and never changed, so two triggers are all. On PostgreSQL the weights tell the kinds of
# words apart: A is open to everybody who sees the item, B a facet, D private.
POSTGRESQL = (
    """ALTER TABLE gallery_searchdocument ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', open_words), 'A') || setweight(to_tsvector('simple', facets), 'B')
        || to_tsvector('simple', private_words)
    ) STORED""",
    "CREATE INDEX search_words ON gallery_searchdocument USING gin (words) WITH (gin_pending_list_limit = 256)",
)


def make_index(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE gallery_search_index")


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0009_rendition_due_at'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchProgress',
            fields=[
                ('folder_id', models.CharField(max_length=128, primary_key=True, serialize=False)),
                ('revision', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('item_id', models.CharField(max_length=128, unique=True)),
                ('folder_id', models.CharField(max_length=128)),
                ('facets', models.TextField()),
                ('open_words', models.TextField()),
                ('private_words', models.TextField()),
                ('name_key', gallery.models.fields.KeyField(max_length=600)),
                ('size', models.BigIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['folder_id', 'id'], name='search_time'), models.Index(fields=['folder_id', 'name_key', 'id'], name='search_name'), models.Index(fields=['folder_id', 'size', 'id'], name='search_size')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
