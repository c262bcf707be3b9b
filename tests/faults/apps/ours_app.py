"""Puts the faults of sabotage.py into the generated project: into the second of its upstreams, and every wire."""

import sabotage
from django.apps import AppConfig
from services import Upstream
from services.core import connections
from services.core.definitions import Definition
from services.core.wire import Wire


class Sabotaged(Wire):
    """Says when it closes, unless it never does."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self._name = definition.alias

    async def aclose(self) -> None:
        await super().aclose()
        await sabotage.on_close(self._name)


class Faulty(Upstream):
    async def on_open(self) -> None:
        await sabotage.on_open()


upstreams: dict[str, Upstream] = {}


class Faults(AppConfig):
    name = "ours_app"

    def ready(self) -> None:
        connections.make_wire = Sabotaged
        upstreams.update(faulty=Faulty("faulty"), other=Upstream("other"))
