"""The most used verbs of pytest-httpx and respx for a mock, in terms of our own ones."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from upstreams.core.httpx import Request
from upstreams.testing.route_aliases import Calls

if TYPE_CHECKING:
    from upstreams.testing.mock_routes import Route


class MockAliases:
    """Verbs of pytest-httpx and of respx for a mock."""

    requests: list[Request]
    on: "Callable[..., Route]"

    @property
    def calls(self) -> Calls:
        """All its requests, each as `calls[0].request`."""
        return Calls(self.requests)

    def add_response(
        self,
        status_code: int = 200,
        *,
        url: str = "*",
        method: str = "*",
        json: Any = None,
        text: str | None = None,
        html: str | None = None,
        content: bytes | str = b"",
        stream: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        schema: bool = True,
        **match: Any,
    ) -> None:
        """Respond to a URL; `match_params`, `match_headers`, `match_json` and `match_content` are conditions.

        With `schema=False`, the recorded schema need not allow it.
        """
        route = self.on(method, url, **_conditions(match))
        route.respond(
            status_code,
            json=json,
            text=text,
            html=html,
            content=content,
            stream=stream,
            headers=headers,
            schema=schema,
        )

    def add_exception(self, exception: Exception, *, url: str = "*", method: str = "*", **match: Any) -> None:
        """Fail as an error of the HTTP library says."""
        self.on(method, url, **_conditions(match)).mock(side_effect=exception)

    def add_callback(
        self,
        callback: Callable[[Request], Any],
        *,
        url: str = "*",
        method: str = "*",
        schema: bool = True,
        **match: Any,
    ) -> None:
        """Respond with what a function returns for the request; `schema` as for `add_response`."""
        self.on(method, url, **_conditions(match)).call(callback, schema=schema)

    def get_requests(self) -> list[Request]:
        """Return all requests."""
        return self.requests

    def get_request(self) -> Request | None:
        """Return the only request, or None.

        Raises:
            AssertionError: there was more than one.
        """
        if len(self.requests) > 1:
            raise AssertionError(f"there were {len(self.requests)} requests")
        return next(iter(self.requests), None)


def _conditions(match: Mapping[str, Any]) -> dict[str, Any]:
    known = {f"match_{name}": name for name in ("params", "headers", "json", "content")}
    if unknown := match.keys() - known.keys():
        raise TypeError(f"{min(unknown)} is no condition of a mock; there are {', '.join(known)}")
    return {known[name]: value for name, value in match.items()}
