"""A process without a lifespan that calls in every way it can; prints what it found as JSON."""

import asyncio
import io
import json
import multiprocessing
import threading

import django
from asgiref.sync import async_to_sync
from django.core.wsgi import get_wsgi_application

from testproject.quotes import quotes


def wsgi(path):
    started = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    response = application(environ, lambda status, headers: started.append(status))
    body = b"".join(response)
    response.close()
    return started[0], json.loads(body)["text"]


def in_a_thread():
    texts = []
    thread = threading.Thread(target=lambda: texts.append(async_to_sync(quotes.random)().text))
    thread.start()
    thread.join()
    return texts[0]


def call():
    async_to_sync(quotes.random)()


if __name__ == "__main__":
    django.setup()
    application = get_wsgi_application()
    found = {
        "threads before the first call": [thread.name for thread in threading.enumerate()],
        "async_to_sync": [async_to_sync(quotes.random)().text for _ in range(3)],
        "three loops": [asyncio.run(quotes.random()).text for _ in range(3)],
        "thread": in_a_thread(),
        "wsgi": [wsgi("/async"), wsgi("/sync")],
    }
    child = multiprocessing.get_context("fork").Process(target=call)
    child.start()
    child.join()
    found["exit code of the forked child"] = child.exitcode
    found["after the fork"] = async_to_sync(quotes.random)().text
    print(json.dumps(found))
