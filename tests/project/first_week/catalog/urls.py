from django.urls import include, path
from rest_framework import routers

from . import views

router = routers.DefaultRouter()
router.register("items", views.ItemViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("ping/", views.ping),
    path("quote/", views.quote),
    path("greeting/", views.greeting),
]
