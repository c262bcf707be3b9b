"""An operation of django-ninja, which authenticates inside of the decorators of its view."""

from django.urls import path
from ninja.decorators import decorate_view
from testproject.favourites.models import Favourite
from upstreams.contrib.idempotency.decorators import idempotent
from upstreams.contrib.ninja.api import Api
from upstreams.contrib.ninja.auth import Bearer

api = Api(title="repeated", version="1")


@api.post("own", auth=Bearer())
@decorate_view(idempotent(identity=lambda request: request.headers.get("Authorization")))
async def own(request):
    return {"id": (await Favourite.objects.acreate(text="a", author="ada")).pk}


urlpatterns = [path("", api.urls)]
