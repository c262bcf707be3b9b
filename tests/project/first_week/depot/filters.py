import django_filters

from .models import Box


class BoxFilter(django_filters.FilterSet):
    lighter_than = django_filters.NumberFilter(field_name="weight", lookup_expr="lt")

    class Meta:
        model = Box
        fields = ["label"]
