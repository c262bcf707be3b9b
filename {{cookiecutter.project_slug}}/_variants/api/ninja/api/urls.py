from django.urls import URLPattern, URLResolver, path

from api import views
from api.openapi import Api

api = Api()
api.add_router("", views.router)

urlpatterns: list[URLPattern | URLResolver] = [path("", api.urls)]
