"""Makes the mock of an upstream from what was recorded of it. Imports what reads a kind of file where there is one."""

import logging
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from upstreams.core.extras import needed
from upstreams.management.mocks.mock import Mock, Source
from upstreams.management.mocks.recordings import Recordings

logger = logging.getLogger(__name__)


def mock_of(alias: str, recordings: Recordings, url: str, root: Path) -> Mock:
    """Return the mock of an upstream, with its cassettes before its schema.

    Args:
        alias: of the upstream.
        recordings: of it.
        url: where the mock listens.
        root: of the project.
    """
    sources: list[Source] = []
    real = _real_url(alias)
    shown = []
    if recordings.cassettes:
        count = len(recordings.cassettes)
        shown.append(f"{count} cassette{'s'[: count > 1]}")
        try:
            from upstreams.management.mocks.replay import Replay
        except ModuleNotFoundError:
            logger.warning("%s: %s", alias, needed("reading cassettes", "cassettes"))
        else:
            sources.append(Replay(alias, recordings.cassettes, root, (real or url, url)))
    if recordings.schema:
        from upstreams.management.mocks.examples import Examples

        shown.append(str(recordings.schema.relative_to(root)))
        sources.append(Examples(alias, recordings.schema, root))
    return Mock(alias, url, sources, " and ".join(shown), urlsplit(real).path)


def _real_url(alias: str) -> str:
    keys = getattr(settings, "UPSTREAMS", {}).get(alias)
    return str(keys.get("BASE_URL", "")).rstrip("/") if isinstance(keys, Mapping) else ""
