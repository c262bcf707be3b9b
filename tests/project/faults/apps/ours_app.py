"""Puts the faults of sabotage.py into the generated project: into the second of its upstreams, and every transport."""

import sabotage
from django.apps import AppConfig
from upstreams import Upstream
from upstreams.clients import loop_clients
from upstreams.core.definition import Definition
from upstreams.transport.http1_transport import HTTP1Transport


class Sabotaged(HTTP1Transport):
    """Prints a line when it closes, or hangs."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self._name = definition.alias

    async def aclose(self) -> None:
        await super().aclose()
        await sabotage.on_close(self._name)


class Faulty(Upstream):
    async def on_startup(self) -> None:
        await sabotage.on_open()


upstreams: dict[str, Upstream] = {}


class Faults(AppConfig):
    name = "ours_app"

    def ready(self) -> None:
        loop_clients.make_transport = Sabotaged
        upstreams.update(faulty=Faulty("faulty"), other=Upstream("other"))
