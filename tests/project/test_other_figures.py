"""A team's own timeouts, limits and languages leave the tests of its project green."""

from pathlib import Path

from editing import add_settings
from generation import generate
from processes import attempt, environment, run

TESTS = ("api", "services", "users", "tests/test_lifespan.py")
FIGURES = """
UPSTREAMS["quotes"] |= {"TIMEOUT": 2.5, "MAX_ATTEMPTS": 1, "MAX_CONNECTIONS": 2, "BREAKER_FAILURE_RATIO": 0.9}
UPSTREAMS_TIMEOUTS |= {
    "STARTUP": 12,
    "REQUEST": 7,
    "SHUTDOWN_DELAY": 2,
    "GRACEFUL_SHUTDOWN": 8,
    "CLIENT_DRAIN": 0,
    "CLIENT_CLOSE": 1,
    "TERMINATION_GRACE_PERIOD": 20,
    "LOOP_STALL_WARNING": 3,
    "LOOP_STALL_EXIT": 0,
}
UPSTREAMS_LIMITS = {
    "MAX_REQUESTS": 3,
    "MAX_STREAMS": 1,
    "MAX_UPLOADS": 2,
    "MAX_BACKGROUND_TASKS": 2,
    "MAX_IDLE_THREADS": 1,
    "MAX_BODY_SIZE": 4096,
    "BODY_TIMEOUT": 3,
}
LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
"""


def test_other_figures_that_fit_together_are_green(tmp_path: Path) -> None:
    project = generate(tmp_path / "out")
    run(["scripts/uv", "sync", "--quiet"], project, environment())
    add_settings(project, FIGURES)
    said = run([".venv/bin/python", "-m", "pytest", "-q", "-n", "2", *TESTS], project, environment(), 300)
    assert " passed in " in said

    add_settings(project, 'UPSTREAMS_TIMEOUTS["GRACEFUL_SHUTDOWN"] = 1\n')
    env = environment(DJANGO_SETTINGS_MODULE="tests.settings")
    refused = attempt([".venv/bin/python", "manage.py", "check"], project, env)
    assert "GRACEFUL_SHUTDOWN must be at least REQUEST" in refused.stdout + refused.stderr
