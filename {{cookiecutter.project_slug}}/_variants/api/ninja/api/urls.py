import tomllib

from django.conf import settings
from django.urls import URLPattern, URLResolver, path
from upstreams.contrib.ninja.api import Api

from api import views  # example: quotes

ABOUT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]

# Anybody may read /v1/docs and /v1/openapi.json; `docs_url=None, openapi_url=None` close them.
api = Api(title=ABOUT["name"], version=ABOUT["version"], description=ABOUT["description"])
api.add_router("", views.router)  # example: quotes

urlpatterns: list[URLPattern | URLResolver] = [path("", api.urls)]
