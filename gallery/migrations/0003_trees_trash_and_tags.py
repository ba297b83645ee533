"""Folders in folders, covers, sorting and counts; stars, tags, hashes and the trash of items.

What may not be null has a default in the database: processes of the version before go on writing rows.
"""

import django.db.models.deletion
import gallery.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gallery', '0002_lighter_receipts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', gallery.models.fields.KeyField(max_length=60)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_order',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_revision',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_pending',
        ),
        migrations.AddField(
            model_name='folder',
            name='cover',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='gallery.item'),
        ),
        migrations.AddField(
            model_name='folder',
            name='item_count',
            field=models.IntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='folder',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='gallery.folder'),
        ),
        migrations.AddField(
            model_name='folder',
            name='sort',
            field=models.CharField(choices=[('newest', 'Newest first'), ('oldest', 'Oldest first'), ('name', 'By name'), ('size', 'Largest first')], db_default='newest', default='newest', max_length=10),
        ),
        migrations.AddField(
            model_name='item',
            name='content_hash',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='item',
            name='is_starred',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='item',
            name='trashed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='trashed_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['folder', '-order_key'], name='item_living_order'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True)), fields=['folder', 'revision'], name='item_living_revision'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True), ('is_pending', True)), fields=['folder'], name='item_living_pending'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', True), models.Q(('content_hash', ''), _negated=True)), fields=['folder', 'content_hash'], name='item_hash'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['folder', '-trashed_at', '-id'], name='item_trash'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='item_trash_due'),
        ),
        migrations.AddField(
            model_name='itemtag',
            name='item',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='gallery.item'),
        ),
        migrations.AddIndex(
            model_name='itemtag',
            index=models.Index(fields=['name', 'item'], name='tag_items'),
        ),
        migrations.AddConstraint(
            model_name='itemtag',
            constraint=models.UniqueConstraint(fields=('item', 'name'), name='one_tag_each'),
        ),
    ]
