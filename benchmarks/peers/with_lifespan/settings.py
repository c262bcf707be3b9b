from settings import *

INSTALLED_APPS += ["with_lifespan"]
MIDDLEWARE += ["django_asgi_lifespan.middleware.LifespanStateMiddleware"]
