"""The clients that are programs: curl and node."""

import base64
import json
import re
import subprocess
import tempfile
from pathlib import Path

from transport.corpus.players.python_clients import TIMEOUT, in_threads
from transport.corpus.players.reading import Read

NODE = Path(__file__).with_name("node_clients.mjs")


def with_node(kind):
    def play(jobs):
        given = json.dumps([[name, *job] for name, job in jobs.items()])
        command = ["node", "--no-warnings", NODE, kind]
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=600, check=True)
        found = (json.loads(line) for line in done.stdout.splitlines())
        return {one.pop("name"): Read(one.pop("status"), **_bytes(one)) for one in found}

    return play


def _bytes(fields):
    return {key: base64.b64decode(value) for key, value in fields.items()}


@in_threads
def with_curl(method, url):
    with tempfile.TemporaryDirectory() as folder:
        head, first, second = Path(folder, "head"), Path(folder, "first"), Path(folder, "second")
        common = ["--silent", "--http1.1", "--noproxy", "*", "--max-time", str(TIMEOUT), "--write-out"]
        command = ["curl", *common, r"%{exitcode} %{http_code}\n", "--dump-header", head, "--output", first]
        command += [*(["--head"] if method == "HEAD" else []), f"{url}/", "--next"]
        command += [*common, "%{exitcode}", "--output", second, f"{url}/next"]
        written = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        result, _, following = written.partition("\n")
        code, status = result.split()
        if code != "0":
            return Read()
        body = first.read_bytes() if method != "HEAD" and first.exists() else b""
        return Read(
            int(status), body, _x(head.read_bytes()), second.read_bytes() if following == "0" else b""
        )


def _x(heads):
    """Return the values of `x` in the last head that curl has written, which it does as heads and trailers came."""
    blocks = re.split(rb"\r?\n\r?\n", heads)
    last = [b"", *(block for block in blocks if block[:5].upper() == b"HTTP/")][-1]
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", last)
    return b", ".join(value.strip() for value in re.findall(rb"(?mi)^x:([^\n]*)", unfolded))
