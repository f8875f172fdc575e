"""Taking a whole import back: why, and what each row changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0010_person_record_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="rosterimport",
            name="undo_reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="rosterrow",
            name="before_cipher",
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name="rosterimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("UPLOADED", "Being checked"),
                    ("REFUSED", "Refused"),
                    ("UNSURE", "Columns to be named"),
                    ("CHECKED", "Checked"),
                    ("IMPORTING", "Being imported"),
                    ("IMPORTED", "Imported"),
                    ("UNDOING", "Being taken back"),
                    ("UNDONE", "Taken back"),
                    ("ABANDONED", "Abandoned"),
                ],
                default="UPLOADED",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["UNDOING", "UNDONE"]), _negated=True),
                    models.Q(("undo_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="rosterimport_undone_has_reason",
            ),
        ),
    ]
