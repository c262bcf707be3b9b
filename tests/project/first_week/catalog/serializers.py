from rest_framework import serializers

from .models import Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = "__all__"

    def validate_price(self, value):
        if value < 0:
            raise serializers.ValidationError("too low")
        return value
