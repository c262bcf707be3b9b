"""Static files, answered before Django: the admin has its styles without another server."""

import re
from collections.abc import Awaitable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from server.types import App, Receive, Scope, Send

if TYPE_CHECKING:
    from starlette.staticfiles import StaticFiles

HASHED = re.compile(r"\.[0-9a-f]{12}(\.\w+)?$")
"""How ManifestStaticFilesStorage names a file: other content gets another name."""
FOREVER, BRIEFLY = "public, max-age=31536000, immutable", "public, max-age=60"


class Static:
    """Answers with the files that `collectstatic` has gathered; what is not among them is left to Django.

    Args:
        app: what answers everything else.
        root: where they are, STATIC_ROOT; may be missing.
        prefix: how their paths begin, STATIC_URL.
    """

    def __init__(self, app: App, root: Path, prefix: str) -> None:
        self._app = app
        self._root = root
        self._prefix = prefix

    # No coroutine of its own: every other request pays for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        answer = self._answer if scope["path"].startswith(self._prefix) else self._app
        return answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Here, because most workers never send a file: they need not hold what it takes.
        from starlette.exceptions import HTTPException

        path: str = scope["path"].removeprefix(self._prefix)
        try:
            response = await self._files.get_response(path, scope)
        except HTTPException:
            await self._app(scope, receive, send)
            return
        response.headers["Cache-Control"] = FOREVER if HASHED.search(path) else BRIEFLY
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response(scope, receive, send)

    @cached_property
    def _files(self) -> "StaticFiles":
        from starlette.staticfiles import StaticFiles

        return StaticFiles(directory=self._root, check_dir=False)
