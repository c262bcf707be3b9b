"""A service with one place, which a view keeps for ever."""

from testproject.settings import *
from testproject.settings import UPSTREAMS, UPSTREAMS_LIMITS, UPSTREAMS_TIMEOUTS

ROOT_URLCONF = "testproject.stuck.urls"
UPSTREAMS["quotes"]["TIMEOUT"] = 0.5
UPSTREAMS_TIMEOUTS |= {"REQUEST": 1, "GRACEFUL_SHUTDOWN": 5, "CLIENT_DRAIN": 20, "STUCK_REQUESTS_EXIT": 0.5}
UPSTREAMS_LIMITS |= {"MAX_REQUESTS": 1, "BODY_TIMEOUT": 0.5}
