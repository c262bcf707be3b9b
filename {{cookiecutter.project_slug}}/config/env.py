"""The environment variables of this service, read once; vendor/django-upstreams/docs/settings.md lists them."""

from upstreams.environ import Env


class ServiceEnv(Env, frozen=True):
    """Variables of your own: the field `region: str = ""` is read from `REGION`, and is `env.region` in settings."""


env = ServiceEnv.read()
