"""A view and what has to happen with it exactly once, in one transaction, for sync and async views alike."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase

from upstreams.fastpath.run_in_thread import run_in_thread


class Ended(Exception):
    """Rolls the transaction back and is not raised any further: its response is the one of the request."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


class ViewTransaction:
    """The transaction around one request. It is kept by what the view returns, and rolled back by what it raises.

    An async view stays on the event loop. Its transaction is that of the request's thread, where Django runs all of
    its queries.

    Args:
        using: the alias of the database.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self._open: ExitStack | None = None
        self._response: HttpResponseBase | None = None

    def prepare(self) -> None:
        """Do what comes before the transaction. Like `begin` and `end`, it may raise `Ended`."""

    def begin(self) -> None:
        """Do what comes in the transaction before the view."""
        raise NotImplementedError

    def end(self, response: Any) -> HttpResponseBase:
        """Do what comes in the transaction after the view, and return the response of the request.

        Args:
            response: what the view has returned.
        """
        raise NotImplementedError

    def release(self) -> None:
        """Do what comes last, whatever happened. It must not use the database."""

    def run(self, view: Callable[[], Any]) -> HttpResponseBase:
        """Call a sync view."""
        try:
            self.prepare()
            with transaction.atomic(using=self.using):
                self.begin()
                return self.end(view())
        except Ended as ended:
            return ended.response
        finally:
            self.release()

    async def arun(self, view: Callable[[], Awaitable[Any]]) -> HttpResponseBase | None:
        """Call an async view."""
        try:
            await run_in_thread(self._enter)
            response = await view()
            await run_in_thread(partial(self._leave, response))
        except Ended as ended:
            return ended.response
        except (Exception, CancelledError) as error:
            if self._open is not None:
                await run_in_thread(partial(self._roll_back, error))
            raise
        finally:
            self.release()
        return self._response

    def _enter(self) -> None:
        self.prepare()
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic(using=self.using))
            self.begin()
            self._open = stack.pop_all()

    def _leave(self, response: Any) -> None:
        assert self._open is not None  # noqa: S101 - for the type # nosec B101
        stack, self._open = self._open, None
        with stack:
            self._response = self.end(response)

    def _roll_back(self, error: BaseException) -> None:
        assert self._open is not None  # noqa: S101 - for the type # nosec B101
        stack, self._open = self._open, None
        stack.__exit__(type(error), error, error.__traceback__)
