"""Stock Django with django-asgi-lifespan and a shared httpx2 client, after the package's README."""
