"""Runs Django's own tests against `upstreams.fastpath`: `python run.py REPORT LABEL…`.

Started in Django's folder of tests, with a Python in which the package is installed. Writes to REPORT how many tests
ran, and which failed. With `ASYNC` in the environment, Django's sync tests drive the async form of the middleware, on
an event loop where Django refuses to wait for a database.
"""

import json
import os
import runpy
import sys
import unittest
from pathlib import Path

import django
import django.test.runner
from asgiref.sync import AsyncToSync, async_to_sync, iscoroutinefunction, sync_to_async

MODULES = [
    "django.contrib.auth.middleware",
    "django.contrib.messages.middleware",
    "django.contrib.sessions.middleware",
    "django.middleware.clickjacking",
    "django.middleware.common",
    "django.middleware.csp",
    "django.middleware.csrf",
    "django.middleware.http",
    "django.middleware.locale",
    "django.middleware.security",
]
ASYNC = "ASYNC" in os.environ
SYNC_CALL = "an async test that calls the sync form, which the other run covers"
AUSER = "auth_tests.test_middleware.TestAuthenticationMiddleware.test_auser"
# What does not hold here, and why.
DESELECTED = {
    "asgi.tests.ASGITest.test_read_body_thread": "a small body is in no SpooledTemporaryFile, which it mocks",
}
if ASYNC:
    turns = ("", "_after_alogin", "_after_alogout", "_after_login", "_after_logout")
    DESELECTED |= {f"{AUSER}{turn}": SYNC_CALL for turn in turns}
setup = django.setup
build_suite = django.test.runner.DiscoverRunner.build_suite
report = Path(sys.argv[1])


def replace() -> None:
    """Puts ours where Django's tests look for the stock ones, once applications can be imported."""
    setup()
    from django.core import asgi
    from django.core.handlers import asgi as handlers
    from upstreams.fastpath import disconnect, handler, middleware, thread_pool

    class Pooled(handler.Handler):
        """Takes threads from a pool, although Django's async tests bring one."""

        async def __call__(self, scope, receive, send):
            async def send_on(message):
                # As a server does with a part that only lets the head of a stream go out: its client sees none.
                if message.get("body") != b"" or not message.get("more_body"):
                    await send(message)

            AsyncToSync.executors.current = None
            await thread_pool.ThreadPool(super().__call__, max_idle=0)(scope, receive, send_on)

    disconnect.LISTEN_DELAY = (
        0.0  # Django's views respond sooner than ours listens, and its clients leave before that
    )
    handlers.ASGIHandler = Pooled
    asgi.get_asgi_application = lambda: handlers.ASGIHandler()
    for name in MODULES:
        module = sys.modules[name] if name in sys.modules else __import__(name, fromlist=["_"])
        for stock in set(vars(module)) & set(vars(middleware)):
            ours = getattr(middleware, stock)
            if stock.endswith("Middleware"):
                setattr(module, stock, driven(ours) if ASYNC else ours)


def driven(ours: type) -> type:
    """The async form of a middleware, for tests that call it as a sync one."""

    class Driven(ours):
        def __init__(self, get_response):
            self.is_driven = False  # its own constructor sees the hooks as they are
            is_driven = get_response is not None and not iscoroutinefunction(get_response)
            super().__init__(sync_to_async(get_response) if is_driven else get_response)
            self.is_driven = is_driven
            if is_driven:
                self._is_coroutine_marker = None  # else Django would take it for an async one

        def __call__(self, request):
            return async_to_sync(super().__call__)(request) if self.is_driven else super().__call__(request)

        def __getattribute__(self, name):
            value = super().__getattribute__(name)
            return async_to_sync(value) if name == "process_view" and self.is_driven else value

    Driven.__name__ = Driven.__qualname__ = ours.__name__
    return Driven


def build(*args: object, **named: object) -> unittest.TestSuite:
    """Django's suite, without what is deselected."""
    suite = build_suite(*args, **named)
    for test in django.test.runner.iter_test_cases(suite):
        if (why := DESELECTED.get(test.id())) is not None:
            name = test._testMethodName
            setattr(test, name, unittest.skip(why)(getattr(test, name)))
    return suite


class Result(unittest.TextTestResult):
    """Keeps what became of the tests."""

    def stopTestRun(self) -> None:
        super().stopTestRun()
        bad = [test.id() for test, _ in (*self.failures, *self.errors)]
        left_out = [test.id() for test, _ in self.skipped if test.id() in DESELECTED]
        skipped = len(self.skipped) - len(left_out)
        counts = {"run": self.testsRun - len(self.skipped), "skipped": skipped, "deselected": left_out}
        report.write_text(json.dumps({**counts, "bad": bad}))


django.setup = replace
django.test.runner.DiscoverRunner.build_suite = build
unittest.TextTestRunner.resultclass = Result
sys.argv = ["runtests.py", "--parallel=1", *sys.argv[2:]]
sys.path.insert(0, str(Path.cwd()))
runpy.run_path("runtests.py", run_name="__main__")
