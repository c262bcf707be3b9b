"""The token of a user is refreshed once by processes that share a Redis."""

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from testproject.paths import ROOT
from testproject.tokens import CALLS

REDIS = os.environ.get("CACHE_URL") or "redis://127.0.0.1:6379/0"
EXPIRED = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()


@pytest.fixture
def redis():
    import redis

    client = redis.Redis.from_url(REDIS)
    try:
        client.ping()
    except redis.RedisError:
        pytest.skip(f"no Redis at {REDIS}")
    prefix = f"test-tokens-{uuid.uuid4().hex}"
    yield prefix
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()


@pytest.mark.processes
def test_three_processes_refresh_a_token_once(provider, tmp_path, redis):
    (tmp_path / "token").write_text(json.dumps(["a0", "r0", EXPIRED]))
    env = {"QUOTES_URL": provider.url, "TOKENS_REDIS": REDIS, "TOKENS_PREFIX": redis}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "testproject.tokens", tmp_path / "token"],
            env=os.environ | env,
            cwd=ROOT / "tests" / "package",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        assert [one.stdout.readline() for one in started] == ["ready\n"] * 3
        for one in started:
            one.stdin.write("\n")
            one.stdin.flush()
        assert [one.communicate(timeout=60)[0] for one in started] == ["done\n"] * 3
    finally:
        for one in started:
            one.kill()
            one.communicate()
    assert (provider.refreshes, provider.reused, provider.calls) == (1, 0, 3 * CALLS)
    assert json.loads((tmp_path / "token").read_text())[:2] == ["a1", "r1"]
