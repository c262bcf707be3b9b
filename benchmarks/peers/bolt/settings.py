"""The access line is on by default. It is off here, as that of all peers, as its page on logging has it."""

from bolt.settings_with_access_line import *

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.server": {"level": "CRITICAL"}},
}
