"""The calls of an upstream that read a list page by page."""

from collections.abc import AsyncGenerator, Hashable, Mapping
from typing import Any

from django.conf import settings

from upstreams.clients import pools
from upstreams.clients.call_limits import with_limits
from upstreams.clients.excerpt import excerpt
from upstreams.clients.link_header import address_of
from upstreams.clients.link_header import next_link as linked
from upstreams.clients.page_cursors import Paging, Place, has_more, items_of, text_of
from upstreams.clients.request_builder import build_request
from upstreams.clients.responses import status_error
from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamProtocolError, UpstreamResponseTooLarge
from upstreams.core.httpx import Request, Response, httpx
from upstreams.core.metrics import CallMetrics
from upstreams.core.using import Using

type Next = httpx.URL | Mapping[str, object]
"""What to ask for: an address, or query parameters."""


class PageCalls:
    """The part of `Upstream` that reads lists."""

    alias: str
    _tenant: Using | None

    async def pages[T](
        self,
        path: str,
        /,
        *,
        into: type[T] = Any,  # type: ignore[assignment]
        items: Place | None = None,
        next_link: Place | None = None,
        cursor: Mapping[str, Place] | None = None,
        page: str | None = None,
        offset: str | None = None,
        more: Place | None = None,
        max_pages: int = 100,
        params: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> AsyncGenerator[T]:
        """Return the items of a list whose pages are requested one after the other, each by a GET of its own.

        Without `next_link`, `cursor`, `page` and `offset`, the next page is that of the header `Link` with `rel="next"`.

        Args:
            path: as for `request`, and so are the other arguments; `timeout` is that of each page.
            into: the type of each item.
            items: the member of the body that holds the items, such as `data`; without it, the body is the list.
            next_link: the member that holds the URL of the next page, such as `next`.
            cursor: query parameter -> the member that has its value for the next page, such as
                `{"starting_after": "data.-1.id"}`, or `header:` and the name of a header.
            page: the query parameter that has the number of the page, counted from 1, or from its value in `params`;
                the first page without items is the last one.
            offset: the query parameter that has the number of the items before the page, counted from 0, or from its
                value in `params`; the first page without items is the last one.
            more: the member that is false on the last page, for `cursor`, `page` and `offset`.
            max_pages: pages; one more is an error.
            params: query parameters.

        Raises:
            UpstreamError: one of `upstreams.core.errors`.
            UpstreamResponseTooLarge: the list has more than `max_pages`.
            UnsafeRequest: a link leads to another origin.
            ValueError: the arguments contradict each other.
        """
        paging = Paging(items, next_link, cursor, page, offset, more)
        first = Call(self.alias, "GET", path)
        paging.check(str(first))
        if isinstance(max_pages, bool) or not isinstance(max_pages, int) or max_pages < 1:
            raise ValueError(
                f"upstream {first}: max_pages must be a whole number from 1 on, not {max_pages!r}"
            )
        given = dict(params or {})
        following: Next | None = {}
        if number := page or offset:
            following = {number: given.get(number, 1 if page else 0)}
        seen: set[Hashable] = set()
        for _ in range(max_pages):
            call = Call(self.alias, "GET", path)
            request = self._request_of_page(call, given, following, others)
            if (asked := str(request.url)) in seen:
                what = "the next page is one that was read before, so that the list has no end"
                raise UpstreamProtocolError(what, call=call)
            seen.add(asked)
            response, found = await self._page(call, request, items, into)
            for item in found:
                yield item
            following = _next(paging, following, response, request.url, call, len(found))
            if following is None:
                return
        limit = Limit("max_pages", max_pages, "pages")
        what = f"the list has more than {limit}; pass a larger max_pages=, or leave the loop earlier"
        raise UpstreamResponseTooLarge(what, call=first, limit=limit)

    def _request_of_page(
        self, call: Call, params: Mapping[str, Any], following: Any, others: Mapping[str, Any]
    ) -> Request:
        if self._tenant is not None:
            self._tenant.bind(call)
        own = dict(others)
        own["headers"] = with_limits(
            call, own.get("headers"), own.pop("timeout", None), own.pop("attempts", None), None
        )
        if not isinstance(following, httpx.URL):
            return build_request(call, params={**params, **following} or None, **own)
        request = build_request(call, **own)
        request.url = following
        request.extensions["is_link"] = True  # a mock does not hold it to a schema
        return request

    async def _page[T](
        self, call: Call, request: Request, items: Place | None, into: type[T]
    ) -> tuple[Response, list[T]]:
        with CallMetrics(call):
            response = await pools.send(request)
            if response.is_success:
                return response, items_of(response, items, into, call)
            response.request = Request("GET", request.url.copy_with(query=None))  # as in Upstream.request
            error = status_error(response, call)
            if settings.DEBUG:
                error.excerpt = excerpt(response, request)
            raise error


def _next(
    paging: Paging, asked: Any, response: Response, address: httpx.URL, call: Call, count: int
) -> Next | None:
    """Return what to ask for next; None after the last page."""
    if paging.more is not None and not has_more(response, paging.more, call):
        return None
    if number := paging.page or paging.offset:
        return {number: int(asked[number]) + (1 if paging.page else count)} if count else None
    if paging.cursor is not None:
        found = {name: text_of(response, place, call) for name, place in paging.cursor.items()}
        return {name: text for name, text in found.items() if text is not None} or None
    link = linked(response) if paging.next_link is None else text_of(response, paging.next_link, call)
    return None if link is None else address_of(link, address, str(call))
