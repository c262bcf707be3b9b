from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from .models import Box


@admin.register(Box)
class BoxAdmin(SimpleHistoryAdmin):
    list_display = ["label", "weight"]
