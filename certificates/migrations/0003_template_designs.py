"""Templates become editions of a design; a certificate issued again names the one before."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0002_first_template"),
        ("regions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "certificatetemplate",
            "name",
            models.CharField(default="", max_length=40, verbose_name="name"),
            preserve_default=False,
        ),
        migrations.AddField(
            "certificatetemplate",
            "region",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificate_templates",
                to="regions.region",
            ),
        ),
        migrations.AddField(
            "certificatetemplate",
            "design",
            models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "certificatetemplate",
            "design_sha256",
            models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField("certificatetemplate", "seal_image", models.BinaryField(null=True)),
        migrations.AddField(
            "certificatetemplate",
            "state",
            models.CharField(
                choices=[("DRAFT", "Draft"), ("IN_USE", "In use"), ("WITHDRAWN", "Withdrawn")],
                default="DRAFT",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            "certificatetemplate",
            "made_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "certificatetemplate",
            "made_at",
            models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterModelOptions(
            "certificatetemplate",
            {
                "ordering": ["-edition"],
                "verbose_name": "template of certificates",
                "verbose_name_plural": "templates of certificates",
            },
        ),
        migrations.AlterField(
            "certificatetemplate",
            "edition",
            models.PositiveSmallIntegerField(
                primary_key=True, serialize=False, verbose_name="edition"
            ),
        ),
    ]
