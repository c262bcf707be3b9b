"""However it is stopped, and when, nothing is left."""

import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.processes
STOP_WITHIN = 20
"""Seconds; by hand and on an idle machine it takes one. `test_it_stops_at_any_moment` measures."""


def by_ctrl_c(dev):
    dev.type("\x03")


def by_hangup(dev):
    os.killpg(dev.process.pid, signal.SIGHUP)


def by_sigterm(dev):
    dev.process.terminate()


def by_interrupting_the_group(dev):
    os.killpg(dev.process.pid, signal.SIGINT)


def by_killing_the_guard(dev):
    dev.process.kill()


def by_killing_the_supervisor(dev):
    for child in psutil.Process(dev.process.pid).children():
        child.kill()


def by_killing_both(dev):
    for process in [*psutil.Process(dev.process.pid).children(), dev.process]:
        process.kill()


WAYS = [
    by_ctrl_c,
    by_hangup,
    by_sigterm,
    by_interrupting_the_group,
    by_killing_the_guard,
    by_killing_the_supervisor,
]
each_way = pytest.mark.parametrize("stop", WAYS, ids=lambda way: way.__name__)


@each_way
def test_everything_ends(dev, stop):
    dev.says("the other one runs")
    stop(dev)
    dev.everything_ends(STOP_WITHIN)


def test_what_the_procfile_starts_ends_when_both_are_killed(dev):
    assert [process.name() for process in dev.left()].count(
        "sleep"
    ) == 1  # below a command: nobody looks after it
    by_killing_both(dev)
    dev.until(lambda: [process.name() for process in dev.left()] in ([], ["sleep"]), STOP_WITHIN)


def test_a_request_in_flight_and_a_command_that_ignores_signals_are_no_obstacles(start, root):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    with (root / "Procfile").open("a") as file:
        file.write(f'stubborn: python -c "{stubborn}"\n')
    dev = start()
    dev.serves("first")
    with subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{dev.port}/wait"]) as curl:
        time.sleep(0.5)  # for the request to arrive; nothing else shows it
        dev.process.terminate()
        dev.everything_ends(STOP_WITHIN)
        curl.kill()


def test_ctrl_c_while_it_imports_is_not_lost(tmp_path):
    # Callbacks of the import system are such a place: what they raise is printed, and lost.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name == 'upstreams.management.dev.command':\n"
        "            try:\n"
        "                os.kill(os.getpid(), signal.SIGINT)\n"
        "            except KeyboardInterrupt:\n"
        "                pass\n"
        "sys.meta_path.insert(0, Finder)\n"
    )
    command = [sys.executable, "-m", "upstreams.management.dev", "no port"]
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@pytest.mark.long  # not beside others: its own two busy loops would slow them
def test_it_stops_at_any_moment(start, root):
    rounds = 200
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    chosen = random.Random(16)
    took = []
    try:
        for number in range(rounds):
            dev = start()
            stop = WAYS[number % len(WAYS)]
            if number % 2:  # while it reloads, or serves
                dev.serves("first")
                dev.write("shop/models.py", "")
            time.sleep(chosen.uniform(0, 3))
            stop(dev)
            began = time.monotonic()
            dev.everything_ends(60)
            took.append(round(time.monotonic() - began, 1))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    print(f"{rounds} stops beside two busy loops: at most {max(took)} s, mean {sum(took) / rounds:.1f} s")
