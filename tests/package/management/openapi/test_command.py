"""`manage.py startupstream NAME --openapi FILE`: its files, what it prints, and the form of what it writes."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from upstreams.core.httpx import HTTPX
from upstreams.management.openapi import files as of_package
from upstreams.testing import Loopback, http_response

from management.openapi import odd
from management.openapi.schemas import STORE, document, one

PACKAGE = Path("../../{{cookiecutter.project_slug}}/vendor/django-upstreams/pyproject.toml").absolute()
PROJECT = Path("../../{{cookiecutter.project_slug}}/pyproject.toml").absolute()


def files(root):
    return sorted(
        str(path.relative_to(root)) for path in root.rglob("*.py") if path.name not in ("__init__.py",)
    )


def test_the_files_are_written_and_the_settings_printed(root, write, capsys):
    write(STORE, "store")
    assert files(root) == ["services/store.py", "services/store_schema.py", "services/tests/test_store.py"]
    assert capsys.readouterr().out == (
        "Wrote services/store_schema.py, services/store_openapi.json, services/store.py and "
        "services/tests/test_store.py.\n"
        "Add to UPSTREAMS in testproject/settings.py:\n"
        '        "store": {\n'
        '            "BASE_URL": "https://store.example.com/v1",\n'
        '            "AUTH": {"BEARER": os.environ["STORE_TOKEN"]},\n'
        "        },\n"
    )


def test_a_method_reads_as_a_person_would_have_written_it(write):
    text = write(STORE)
    assert (
        '''    async def get_pet(self, pet_id: int) -> Pet:
        """Return one pet.

        Raises:
            UpstreamStatusError: 404, There is no such pet.
        """
        return await self.get("pets/{pet_id}", pet_id=pet_id, into=Pet)
'''
        in text
    )
    assert 'status: Literal["available", "sold"] | None = None' in text


def test_only_the_classes_that_the_operations_reach_are_written(write):
    assert "class Unused" not in write(STORE)


def test_the_classes_of_a_union_that_became_a_dict_are_not_written(write):
    assert "class Fish" not in write(odd.SCHEMAS["untagged"])


def test_only_the_named_operations_are_written(write):
    text = write(STORE, only="getPet, add_pet")
    assert ("def get_pet" in text, "def add_pet" in text, "def list_pets" in text) == (True, True, False)


def test_an_operation_that_is_not_there_is_named(root, write):
    with pytest.raises(CommandError, match=r"^--openapi: --only: there is no operation getPets; .*get_pet"):
        write(STORE, only="getPets")
    assert files(root) == []


def test_the_same_schema_is_written_the_same(write, root):
    first = write(STORE, "store")
    for path in (root / "services").glob("**/*store*.*"):
        path.unlink()
    assert write(STORE, "store") == first


@pytest.mark.usefixtures("lifespan")
async def test_the_test_that_is_written_passes(write, upstream_mock):
    write(STORE)
    written = import_module("services.tests.test_quotes")
    await written.test_list_pets_reads_the_response(upstream_mock)
    assert [request.url.path for request in upstream_mock("quotes").requests] == ["/v1/pets"]


@pytest.mark.processes
def test_what_is_written_passes_the_linters_of_the_package_and_of_a_project(root, write, monkeypatch):
    monkeypatch.setattr(of_package, "formatted", lambda text: text)  # all at once, below
    for name, schema in {"store": STORE, **odd.SCHEMAS}.items():
        write(schema, f"{name}_api")
    run(root, "ruff", "format", "--no-cache", "--config", str(PACKAGE), "services")
    for config in (PACKAGE, PROJECT):
        # The schema's words may hold any letter, and its names are those of its fields.
        text = config.read_text().partition("[tool.ruff]")[2].partition("[tool.mypy]")[0]
        (root / "ruff.toml").write_text(text.replace("[tool.ruff.", "[").partition("# Run in")[0])
        ignored = ["--ignore", "A,RUF001,RUF002,RUF003,S101,F401,INP"]
        run(root, "ruff", "check", "--no-cache", "--config", str(root / "ruff.toml"), *ignored, "services")
        run(root, "ruff", "format", "--check", "--no-cache", "--config", str(root / "ruff.toml"), "services")
    if HTTPX:  # the package itself is typed with httpx2 alone
        return
    modules = sorted(map(str, (root / "services").glob("*_api*.py")))
    run(Path.cwd(), "mypy", "--config-file", str(PACKAGE), *modules, MYPYPATH=str(root))


def run(folder, *command, **env):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_it_is_nearly_in_that_form_where_ruff_is_not_installed(write, monkeypatch, root):
    formatted = write(STORE, "store")
    for path in (root / "services").glob("**/*store*.*"):
        path.unlink()
    monkeypatch.setattr(of_package, "find_spec", lambda name: None)
    monkeypatch.setattr(of_package.shutil, "which", lambda name: None)
    assert write(STORE, "store") == formatted


def test_a_schema_is_fetched(root):
    with Loopback() as server:
        server.on("*", http_response(STORE))
        call_command("startupstream", "store", openapi=f"{server.url}/store.json?key=word")
    text = (root / "services/store_schema.py").read_text()
    assert ("def get_pet" in text, "word" in text) == (True, False)


def test_an_own_url_comes_first(write, capsys):
    write(document(one({"204": {}})), "store", url="https://store.test")
    assert '"store": {"BASE_URL": "https://store.test"},' in capsys.readouterr().out
