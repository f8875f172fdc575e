import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0007_parked_pictures")]

    operations = [
        migrations.CreateModel(
            name="CloseQuestion",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="close_question",
                        serialize=False,
                        to="courses.classsession",
                    ),
                ),
            ],
        ),
    ]
