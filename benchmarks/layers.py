"""`make profile` counts the instructions of one request by layer, with callgrind, and prints a table."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo import ROOT, generate
from targets import INSTALL, say

DRIVE = ROOT / "benchmarks" / "ours" / "layers_drive.py"
REQUESTS, ENDS_WITHIN = 400, 300
# From the inside out; each is measured with all that it contains.
LAYERS = {
    "uvicorn": "uvicorn, and an application that does nothing",
    "ThreadPool": "Django: handler, ten middleware, URLs, a view",
    "Admission": "admission: slots, limits, deadline",
    "AccessLog": "request id, access line, metrics",
    "ForwardedHeaders": "forwarded headers",
    "Lifespan": "probes, `/metrics`, draining, lifespan",
    "the view's call": "the view's call: client, policies, decoding",
}


def main() -> None:
    if shutil.which("valgrind") is None:
        raise SystemExit("make profile needs valgrind")
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        say("installing a generated project")
        project = generate(Path(folder) / "project")
        install = ["scripts/uv", "sync", "--quiet", "--compile-bytecode", "--no-dev"]
        subprocess.run(install, cwd=project, check=True, timeout=INSTALL)
        counts = {layer: instructions(project, layer) for layer in LAYERS}
    inner = 0
    print("| layer | instructions | of all |\n| --- | ---: | ---: |")
    for layer, count in counts.items():
        share = (count - inner) / counts["the view's call"]
        print(f"| {LAYERS[layer]} | {count - inner:,} | {share:.0%} |")
        inner = count
    print(f"| all | {inner:,} | |")


def instructions(project: Path, layer: str) -> int:
    """Return those of one request, from this layer inwards."""
    output = project / "callgrind.out"
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={output}"]
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "/dev/null",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "127.0.0.1",
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{project}/db.sqlite3",
        "PYTHONHASHSEED": "0",
    }
    command = [*valgrind, ".venv/bin/python", str(DRIVE), layer, str(REQUESTS)]
    done = subprocess.run(
        command, cwd=project, env=env, capture_output=True, text=True, timeout=ENDS_WITHIN, check=False
    )
    found = re.search(r"^totals: (\d+)", output.read_text() if output.exists() else "", re.MULTILINE)
    if found is None or int(found[1]) == 0:
        raise SystemExit(f"{layer}: callgrind has counted nothing:\n{done.stderr[-3000:]}")
    return int(found[1]) // REQUESTS


if __name__ == "__main__":
    main()
