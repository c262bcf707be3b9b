from django_asgi_lifespan.asgi import get_asgi_application

application = get_asgi_application()
