from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/", include("api.urls")),
    *staticfiles_urlpatterns(),  # empty without DEBUG: then the ASGI application serves collected files
]
