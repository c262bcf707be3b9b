"""Keeps Python from remembering each name of a character set that a client makes up."""

import encodings
from codecs import CodecInfo


class _FoundOnly(dict[str, CodecInfo | None]):
    def __setitem__(self, name: str, found: CodecInfo | None) -> None:
        if found is not None:
            super().__setitem__(name, found)


def bound_codec_names() -> None:
    """Forget the names of codecs that do not exist. Django looks up the `charset` of each `Content-Type`."""
    # Private: encodings._cache (CPython 3.12 to 3.14), in which search_function keeps what it has found, and what it
    # has not. tests/package/asgi/test_codec_names.py fails when it keeps the latter elsewhere.
    if not isinstance(encodings._cache, _FoundOnly):
        found = {name: codec for name, codec in encodings._cache.items() if codec is not None}
        encodings._cache = _FoundOnly(found)
