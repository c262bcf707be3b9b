from adrf.routers import DefaultRouter
from django.urls import include, path

from . import views

router = DefaultRouter()
router.register("boxes", views.BoxViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("weight/", views.Weight.as_view()),
    path("quote/", views.Quote.as_view()),
    path("list/", views.BoxList.as_view()),
    path("panel/", views.panel),
    path("announce/", views.announce),
]
