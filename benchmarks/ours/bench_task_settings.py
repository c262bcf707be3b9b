"""The generated project's own settings, with queues of our own in the broker."""

import os

from config.settings import *
from config.settings import TASKS

if "PREFIX" in os.environ:
    TASKS["default"]["OPTIONS"]["PREFIX"] = os.environ["PREFIX"]
