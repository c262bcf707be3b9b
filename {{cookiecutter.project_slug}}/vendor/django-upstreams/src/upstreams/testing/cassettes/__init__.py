"""Records what upstreams responded in a test, and replays it later without them, under the real policies."""
