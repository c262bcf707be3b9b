"""The loopback upstream itself."""

from upstreams.testing.loopback import Loopback


def test_it_starts_again_at_the_address_of_one_that_has_stopped():
    with Loopback() as first:
        pass
    with Loopback(port=int(first.url.rpartition(":")[2])) as again:
        assert again.url == first.url
