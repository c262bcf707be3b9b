"""Django under django-bolt's own server, after its README and its pages on lifespan and middleware."""
