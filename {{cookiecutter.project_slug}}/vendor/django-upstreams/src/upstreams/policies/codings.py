"""The content codings of bodies (RFC 9110 §8.4.1), and decoders of them whose output is bounded.

gzip and deflate are always there; br and zstd where a package of theirs is installed. The package `zstandard` is not
used: a decoder of its that is fed piece by piece has no bound, and 16 KiB may become 512 MiB.
"""

import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, NamedTuple, Protocol

GZIP_MAGIC = 0x1F
"""The first byte of a member of gzip; a body may have several (RFC 1952 §2.2)."""
MAX_ZSTD_WINDOW = 23
"""The logarithm of the largest window that a body may need, 8 MiB (RFC 9659 §3)."""
EXTRAS = {"br": "brotli", "zstd": "zstd"}
"""Codings that are decoded where an extra of this package is installed."""
UNKNOWN = {"compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"}
"""Registered codings that are not decoded. Any other word is no coding, such as `identity`, `UTF-8`, `aws-chunked`."""


class Decoder(Protocol):
    """Decodes a member of a body, as `zlib.decompressobj` does."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Coding(NamedTuple):
    """How a body is decoded.

    Args:
        begin: returns the decoder of a body, by its first byte.
        go_on: returns the decoder of what follows its end, by the first byte; None if that is padding.
        error: that decoders raise.
    """

    begin: Callable[[int], Decoder]
    go_on: Callable[[int], Decoder | None]
    error: type[Exception]


def _gzip(_: int) -> Decoder:
    return zlib.decompressobj(31)


def _deflate(first: int) -> Decoder:
    # Some servers send raw deflate, without the zlib header, which begins with an 8.
    return zlib.decompressobj(15 if first & 15 == 8 else -15)


class _Brotli:
    """A decoder of the package brotli, or brotlicffi."""

    unconsumed_tail = unused_data = b""

    def __init__(self, module: Any) -> None:
        self._decoder = module.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._decoder.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        # Half as much again at most, and what it holds back comes with the next call.
        piece: bytes = self._decoder.process(data, output_buffer_limit=max_length)
        return piece


class _Zstd:
    """A decoder of `compression.zstd`, or of its backport."""

    unconsumed_tail = b""

    def __init__(self, module: Any) -> None:
        limits = {module.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW}
        self._decoder = module.ZstdDecompressor(options=limits)

    @property
    def eof(self) -> bool:
        return bool(self._decoder.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._decoder.unused_data)

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece: bytes = self._decoder.decompress(data, max_length)
        return piece


def _first_of(*names: str) -> Any:
    for name in names:
        with suppress(ImportError):
            return import_module(name)
    return None


def _installed() -> dict[str, Coding]:
    """Return the codings that this process can decode, in the order in which `Accept-Encoding` has them."""
    gzip = Coding(_gzip, lambda first: _gzip(first) if first == GZIP_MAGIC else None, zlib.error)
    found = {"gzip": gzip, "deflate": Coding(_deflate, lambda _: None, zlib.error)}
    brotli = _first_of("brotli", "brotlicffi")
    if brotli is not None:
        with suppress(TypeError):  # before 1.2 it has no bound
            _Brotli(brotli).decompress(b"", 1)

            def end(_: int) -> Decoder:
                raise brotli.error  # as it does itself if what follows is in the same piece

            found["br"] = Coding(lambda _: _Brotli(brotli), end, brotli.error)
    zstd = _first_of("compression.zstd", "backports.zstd")
    if zstd is not None:
        found["zstd"] = Coding(lambda _: _Zstd(zstd), lambda _: _Zstd(zstd), zstd.ZstdError)
    return found


CODINGS = _installed()
ALIASES = {"x-gzip": "gzip"}
