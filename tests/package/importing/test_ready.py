"""What `django.setup()` registers, in a process of its own: other tests import the modules themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

REGISTERED = """
import json, django
django.setup()
from django.core.checks.registry import registry
from django.core.signals import setting_changed
from upstreams import conf
from upstreams.clients import registry as clients
found = {}
for kind in ("registered_checks", "deployment_checks"):
    checks = [check for check in getattr(registry, kind) if check.__module__.startswith("upstreams.")]
    found[kind] = sorted([f"{check.__module__}.{check.__name__}", *check.tags] for check in checks)
receivers = setting_changed._live_receivers(None)[0]
found["refreshed"] = [name for name, one in (("conf", conf.forget), ("clients", clients.refresh)) if one in receivers]
found["upstreams"] = sorted(clients.upstreams)
print(json.dumps(found))
"""
ALWAYS = [
    ["upstreams.asgi.body_checks.all_bodies_hold_one", "upstreams"],
    ["upstreams.asgi.body_checks.bodies_have_one_limit", "upstreams"],
    ["upstreams.asgi.body_checks.clients_fit_into_memory", "upstreams"],
    ["upstreams.asgi.checks.databases_suit_async_views", "database"],
    ["upstreams.asgi.checks.requests_stay_off_threads", "upstreams"],
    ["upstreams.asgi.checks.settings_are_valid", "upstreams"],
    ["upstreams.asgi.checks.variables_are_spelled_right", "upstreams"],
    ["upstreams.asgi.timeout_checks.routes_with_timeouts_exist", "upstreams"],
    ["upstreams.asgi.timeout_checks.timeouts_contain_each_other", "upstreams"],
    ["upstreams.clients.checks.definitions_are_valid", "upstreams"],
    ["upstreams.clients.checks.timeouts_fit_into_requests", "upstreams"],
    ["upstreams.clients.checks.upstreams_are_defined", "upstreams"],
]
AT_DEPLOYMENT = [
    ["upstreams.asgi.checks.databases_would_suit_async_views", "database"],
    ["upstreams.asgi.checks.one_file_serves_one_replica", "database"],
    ["upstreams.asgi.checks.security_is_checked_behind_our_middleware", "security"],
    ["upstreams.vendored.check_for_edits", "upstreams"],
]


APP = {
    "shop/__init__.py": "",
    "shop/upstreams.py": 'from upstreams import Upstream; quotes = Upstream("quotes")',
    "settings_with_shop.py": 'from testproject.settings import *; INSTALLED_APPS = [*INSTALLED_APPS, "shop"]',
}


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps")
    (folder / "shop").mkdir()
    for name, text in APP.items():
        (folder / name).write_text(text)
    path = os.pathsep.join([str(Path.cwd()), str(folder)])
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings_with_shop", "PYTHONPATH": path}
    command = [sys.executable, "-c", REGISTERED]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_check_is_registered(registered):
    of_apps = ("upstreams.tasks.", "upstreams.contrib.webhooks.")  # these apps register their own
    found = [check for check in registered["registered_checks"] if not check[0].startswith(of_apps)]
    assert found == ALWAYS


def test_checks_of_a_deployment_run_at_deployment_alone(registered):
    assert registered["deployment_checks"] == AT_DEPLOYMENT


def test_changed_settings_are_read_again(registered):
    assert registered["refreshed"] == ["conf", "clients"]


def test_the_module_upstreams_of_each_app_is_imported(registered):
    assert registered["upstreams"] == ["quotes"]
