"""Settings from environment variables, for a settings module. Nothing in here reads settings."""

from upstreams.environ.caches import caches_from_url
from upstreams.environ.databases import database_from_url
from upstreams.environ.env import Env
from upstreams.environ.mailers import mailers_from_url
from upstreams.environ.urls import BrokerUrl, RedisUrl, SmtpUrl
from upstreams.environ.variables import Variables

__all__ = [
    "BrokerUrl",
    "Env",
    "RedisUrl",
    "SmtpUrl",
    "Variables",
    "caches_from_url",
    "database_from_url",
    "mailers_from_url",
]
