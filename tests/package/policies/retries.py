"""The retry policy with the settings that tests begin with."""

from upstreams.policies.retry import Retry


def retry(inner, clock, **more):
    settings = {"attempts": 3, "backoff": 0.05, "max_backoff": 5, "budget": 0.2} | more
    return Retry(inner, **settings, now=clock.now, sleep=clock.sleep)
