"""The types of the ASGI specification."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Any], Awaitable[None]]

# As django-stubs types them in Django's handlers, whose methods ours override.
DjangoMessage = Mapping[str, Any]
DjangoReceive = Callable[[], Awaitable[DjangoMessage]]
DjangoSend = Callable[[DjangoMessage], Awaitable[None]]
