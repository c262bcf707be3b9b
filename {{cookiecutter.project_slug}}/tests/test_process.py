"""The service as a process, with the settings of a deployment."""

import subprocess
import sys

import pytest

from tests.processes import SECONDS, environment, serving

pytestmark = pytest.mark.processes


def test_the_service_is_ready_once_its_database_is_migrated(tmp_path):
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    with serving(**variables) as service:
        assert service.comes_to("/livez", 200)
        assert not service.comes_to("/readyz", 200, within=1)
        assert service.status("/readyz") == 503
        subprocess.run(migrate, env=environment(**variables), check=True, timeout=SECONDS)
        assert service.comes_to("/readyz", 200)


def test_workers_end_after_the_process_that_started_them(tmp_path):
    with serving("--workers", "2", DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3") as service:
        assert service.comes_to("/livez", 200)
        service.process.kill()
        assert service.comes_to("/livez", None)
