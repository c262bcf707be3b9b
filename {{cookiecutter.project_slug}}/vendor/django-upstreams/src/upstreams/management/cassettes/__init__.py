"""The files of cassettes: what upstreams responded to tests, recorded by `pytest --record`."""
