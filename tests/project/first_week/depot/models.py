from django.db import models
from simple_history.models import HistoricalRecords


class Box(models.Model):
    label = models.CharField(max_length=100)
    weight = models.IntegerField(default=0)
    photo = models.FileField(upload_to="boxes", blank=True)
    history = HistoricalRecords()

    def __str__(self):
        return self.label
