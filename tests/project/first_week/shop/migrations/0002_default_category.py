from django.db import migrations


def create(apps, schema_editor):
    Tag = apps.get_model("shop", "Tag")
    Tag.objects.create(name="new")


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
