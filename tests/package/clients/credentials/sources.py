"""Functions that secrets come from."""

import asyncio
import threading


class Source:
    """Gives one secret after the other, and remembers in which thread."""

    def __init__(self, *values):
        self.values = list(values)
        self.threads = []

    def __call__(self):
        self.threads.append(threading.current_thread())
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(value, Exception):
            raise value
        return value

    async def later(self):
        await asyncio.sleep(0)
        return self()
