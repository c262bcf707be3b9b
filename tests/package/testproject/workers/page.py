"""A worker and the port that it answers on."""

import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from testproject.processes import SECONDS

TOKEN = "a-token-of-tests"


class Page:
    def __init__(self, process, port):
        self.process = process
        self.port = port

    def get(self, path):
        """The status and the body; no status as long as nobody answers."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            with urlopen(request, timeout=SECONDS) as response:
                return response.status, response.read()
        except HTTPError as error:
            return error.code, error.read()
        except URLError:
            return None, b""

    def comes_to(self, path, status):
        """The body, as soon as the status is this one."""
        ends = time.monotonic() + SECONDS
        while (found := self.get(path))[0] != status:
            assert time.monotonic() < ends, found
            time.sleep(0.05)
        return found[1]

    def shows(self, *series):
        """Returns as soon as the metrics hold these lines."""
        ends = time.monotonic() + SECONDS
        while not set(series) <= set(found := self.get("/metrics")[1].decode().splitlines()):
            assert time.monotonic() < ends, found
            time.sleep(0.05)

    def ends(self):
        """Its exit code, after SIGTERM."""
        self.process.terminate()
        return self.process.wait(SECONDS)
