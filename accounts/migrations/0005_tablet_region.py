import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_tablets")]
    operations = [
        migrations.AlterField(
            model_name="device",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="devices",
                to="regions.region",
            ),
        ),
    ]
