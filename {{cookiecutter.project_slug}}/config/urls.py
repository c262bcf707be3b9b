from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path
from upstreams.contrib.waterfall import waterfall_urlpatterns
from upstreams.contrib.welcome import welcome_urlpatterns

urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/", include("api.urls")),
    *staticfiles_urlpatterns(),  # empty without DEBUG: then the ASGI application serves collected files
    *waterfall_urlpatterns(),  # empty without DEBUG; the upstream calls of the last requests
    *welcome_urlpatterns(),  # empty without DEBUG; a path("", …) of your own before it replaces it
]
