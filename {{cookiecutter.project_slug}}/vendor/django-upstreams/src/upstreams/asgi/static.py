"""Serves collected static files before Django, so that the admin has its styles without another server."""

import re
from collections.abc import Awaitable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from upstreams.core.asgi_types import App, Receive, Scope, Send

if TYPE_CHECKING:
    from starlette.staticfiles import StaticFiles

HASHED_NAME = re.compile(r"\.[0-9a-f]{12}(\.\w+)?$")
"""How `ManifestStaticFilesStorage` names a file: a changed file has another name."""
CACHE_FOREVER, CACHE_BRIEFLY = "public, max-age=31536000, immutable", "public, max-age=60"


class Static:
    """Serves the files that `collectstatic` has gathered, and leaves every other path to the application.

    Args:
        app: the application.
        root: the folder of the files, STATIC_ROOT; may be missing.
        prefix: of their paths below the root, STATIC_URL without FORCE_SCRIPT_NAME.
    """

    def __init__(self, app: App, root: Path, prefix: str) -> None:
        self._app = app
        self._root = root
        self._prefix = prefix

    # Not a coroutine: every other request pays for one comparison only.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        app = (
            self._serve
            if scope["path"].removeprefix(scope.get("root_path", "")).startswith(self._prefix)
            else self._app
        )
        return app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Imported here, because most workers never send a file, and it takes memory.
        from starlette.exceptions import HTTPException

        path: str = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(self._prefix)
        try:
            response = await self._files.get_response(path, scope)
        except HTTPException:
            await self._app(scope, receive, send)
            return
        response.headers["Cache-Control"] = CACHE_FOREVER if HASHED_NAME.search(path) else CACHE_BRIEFLY
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response(scope, receive, send)

    @cached_property
    def _files(self) -> "StaticFiles":
        from starlette.staticfiles import StaticFiles

        return StaticFiles(directory=self._root, check_dir=False)
