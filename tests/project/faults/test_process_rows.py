"""Processes that are killed, block, fail to start, fork, or live where nothing may be written."""

from collections.abc import Callable

import pytest
from client import Watching
from commands import PLAIN, SERVERS, TWO_WORKERS
from namespaces import as_root
from processes import attempt, environment, wait_until
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
on_every_server = pytest.mark.parametrize("server", SERVERS)


NO_OTHER = "fails: its server does not replace it"
ANOTHER = {**dict.fromkeys(SERVERS, "passes: its server replaces it"), "hypercorn": NO_OTHER}


@pytest.mark.row("F23", "SIGKILL of one worker of two", plain=ANOTHER, ours={"hypercorn": NO_OTHER})
@on_every_server
def test_killed_worker(start: Start, server: str) -> None:
    target = start(server=server, workers=2)
    assert wait_until(lambda: len(target.workers()) == 2, 90)
    killed, number = min(target.workers()), len(target.running.left())
    with Watching(target, "/pid") as watching:
        target.kill(killed)
        assert wait_until(lambda: killed not in pids(target), 1)
        assert wait_until(lambda: len(pids(target)) == number, 1)
        assert wait_until(lambda: len(target.workers()) == 2, 90)
    assert len(watching.errors) <= 1  # what the killed one was answering
    assert watching.slowest() < 1


def pids(target: Target) -> set[int]:
    return {process.pid for process in target.running.left()}


@pytest.mark.row("F24", "SIGKILL of the parent of two workers", plain="fails: its orphans hold the port")
def test_killed_parent(start: Start) -> None:
    target = start(workers=2)
    target.kill(target.running.process.pid)
    assert target.ends_within(5), target.running.left()


@pytest.mark.row("F25", "the loop blocked for 0.5 s and for 5 s", plain="fails: it does not notice")
@pytest.mark.parametrize("seconds", [0.5, 5])
def test_blocked_loop(start: Start, seconds: float) -> None:
    target = start(settings={"UPSTREAMS_TIMEOUTS": {"LOOP_STALL_WARNING": 0.2}})
    assert target.get(f"/block?seconds={seconds}").status == 200
    assert wait_until(lambda: "the event loop was blocked" in target.log(), 1)
    assert "in block" in target.log()  # the view, in the stack


@pytest.mark.row("F25", "the loop of one worker of two blocked for ever", plain="fails: nothing replaces it")
def test_loop_blocked_for_ever(start: Start) -> None:
    target = start(
        workers=2, settings={"UPSTREAMS_TIMEOUTS": {"LOOP_STALL_WARNING": 0.5, "LOOP_STALL_EXIT": 2}}
    )
    assert wait_until(lambda: len(target.workers()) == 2, 90)
    before = target.workers()
    with pytest.raises((TimeoutError, AssertionError, OSError)):
        target.get("/block?seconds=1000", timeout=4)
    assert wait_until(lambda: len(responsive(target) - before) == 1, 20), target.log()
    assert len(responsive(target)) == 2


def responsive(target: Target) -> set[int]:
    try:
        return target.workers()
    except (TimeoutError, AssertionError, OSError):
        return set()


RAISES = {
    "uvicorn": "passes: --lifespan on ends it",
    TWO_WORKERS: "fails: its server exits with 0",
    "gunicorn": "passes: --asgi-lifespan on ends it",
    **dict.fromkeys(("granian", "hypercorn"), "fails: its server starts without a client"),
}
HANGS = dict.fromkeys(("uvicorn", TWO_WORKERS, *SERVERS), "fails: its server waits without a limit")
EXIT_CODES = {"uvicorn": 3, TWO_WORKERS: 3, "granian": 1, "gunicorn": 3, "hypercorn": 0}
on_every_start = pytest.mark.parametrize("server", EXIT_CODES)


@pytest.mark.row("F26", "the second upstream of three raises at start-up", plain=RAISES)
@on_every_start
def test_start_up_raises(start: Start, server: str) -> None:
    fails_to_start(start, server, "raises")


@pytest.mark.row("F26", "the second upstream of three hangs at start-up", plain=HANGS)
@on_every_start
def test_start_up_hangs(start: Start, server: str) -> None:
    fails_to_start(start, server, "hangs", STARTUP_TIMEOUT=0.3)


def fails_to_start(start: Start, server: str, how: str, **keys: float) -> None:
    target = start(server=server, env={"OPENING": how}, up=False, **keys)
    assert wait_until(lambda: f"start-up {how}" in target.log(), 90)
    assert target.ends_within(20), target.log()
    assert target.running.process.returncode == EXIT_CODES[server], target.log()
    assert "closed the client of" in target.log()
    assert "closed the client of other" not in target.log()


WITHOUT = "fails: there is no client without a lifespan"


@pytest.mark.row("F27", "a server without a lifespan", plain=WITHOUT)
def test_server_without_a_lifespan(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start(server="without a lifespan")
    assert [target.get().status for _ in range(3)] == [200] * 3
    assert faulty.accepted == 1


@pytest.mark.row("F27", "a command", plain=WITHOUT)
def test_command(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start()
    fetch = "print(asyncio.run(m.fetch('faulty', 'GET')))"
    script = f"import django; django.setup(); import asyncio, ours_urls as m; {fetch}"
    if target.name == PLAIN:
        script = f"import asyncio, plain as m; {fetch}"
    done = attempt([target.python, "-c", script], target.project, environment(**target.env), 20)
    assert (done.returncode, "{'n': '1'}" in done.stdout.splitlines()) == (0, True), done.stderr


@pytest.mark.row("F34", "calls from a thread, and from another loop", plain="fails: its sockets cross loops")
@pytest.mark.parametrize("path", ["/thread", "/loop"])
def test_other_loops(start: Start, faulty: Loopback, path: str) -> None:
    faulty.on("/x", GOOD)
    target = start()
    assert [target.get(there).status for there in ("/call/faulty", path) * 5] == [200] * 10
    assert faulty.accepted == 1


@pytest.mark.row("F34", "a fork with open clients", plain="fails: parent and child share a socket")
def test_fork(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start()
    assert [target.get(path, 10).status for path in ("/call/faulty", "/fork", "/call/faulty")] == [200] * 3
    assert faulty.accepted == 2


BARE = """
mount -t tmpfs tmpfs /etc/ssl
mount --bind /dev/null /etc/resolv.conf
mount -o remount,bind,ro /
mount -t tmpfs -o mode=1777 tmpfs /mnt
read="--inh-caps=-all,+dac_read_search --ambient-caps=+dac_read_search --bounding-set=-all,+dac_read_search"
exec setpriv --reuid 54321 --regid 54321 --clear-groups $read "$@"
"""


@pytest.mark.row(
    "F36",
    "read-only root, no CA certificates, no DNS, random UID",
    plain="fails: its client needs CA certificates",
)
@as_root
def test_bare_machine(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    prefix = ("unshare", "-m", "sh", "-ec", BARE, "sh")
    target = start(prefix=prefix, env={"DATABASE_URL": "sqlite:////mnt/db.sqlite3"})
    assert target.get().status == 200
