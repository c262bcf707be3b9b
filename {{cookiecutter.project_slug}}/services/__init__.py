"""Other people's services, one module each. `clients` is what the lifespan opens, see config/asgi.py."""

from upstreams import open_clients as clients

__all__ = ["clients"]
