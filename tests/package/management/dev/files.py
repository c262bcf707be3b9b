"""The files of a small service."""

FILES = {
    "manage.py": """
        import os, sys
        from django.core.management import execute_from_command_line
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        execute_from_command_line(sys.argv)
        """,
    "config/__init__.py": "",
    "config/settings.py": """
        from upstreams.environ import Env
        from upstreams.telemetry.logging import logging_config
        env = Env.read()
        DEBUG = env.debug
        SECRET_KEY = env.secret_key
        INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "upstreams", "shop"]
        ROOT_URLCONF = "config.urls"
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        ALLOWED_HOSTS = ["*"]
        UPSTREAMS = env.upstreams({"quotes": {"BASE_URL": "http://127.0.0.1:1", "TIMEOUT": 1}})
        UPSTREAMS_TIMEOUTS = {"SHUTDOWN_DELAY": 0, "REQUEST": 2, "GRACEFUL_SHUTDOWN": 15}
        UPSTREAMS_LIMITS = {"BODY_TIMEOUT": 1}
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
        LOGGING = logging_config("INFO", readable=True)
        """,
    "config/urls.py": """
        from django.urls import path
        from shop import views
        urlpatterns = [path("", views.index), path("page", views.page), path("wait", views.wait),
                       path("events", views.events)]
        """,
    "config/asgi.py": """
        from upstreams.asgi.application import get_asgi_application
        application = get_asgi_application()
        """,
    "shop/__init__.py": "",
    "shop/models.py": "",
    "shop/views.py": """
        import asyncio
        from django.conf import settings
        from django.http import HttpResponse, StreamingHttpResponse
        from django.shortcuts import render

        async def index(request):
            print("printed by the view")
            return HttpResponse("first " + settings.UPSTREAMS["quotes"]["BASE_URL"])

        def page(request):
            return render(request, "page.html")

        async def wait(request):
            await asyncio.sleep(600)

        async def events(request):
            async def silent():
                await asyncio.sleep(600)
                yield b""
            return StreamingHttpResponse(silent(), content_type="text/event-stream")
        """,
    "shop/templates/page.html": "first page",
    # Something beside the service: it prints a line when it starts, and starts a process that nobody ends.
    "other.py": """
        import subprocess, time
        subprocess.Popen(["sleep", "600"])
        print("the other one runs")
        time.sleep(600)
        """,
    "Procfile": "web: python manage.py serve --port $PORT\nother: env python other.py # not restarted\n",
    ".env": "SECRET_KEY=short\nDEBUG=true\n",
}
