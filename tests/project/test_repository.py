"""What GitHub does with this repository itself, which no project has."""

from pathlib import Path

import pytest
import yaml
from generation import ROOT, SOURCE
from processes import environment, run, tool

SCHEMAS = "check-jsonschema==0.39.0"
WORKFLOWS = [f".github/workflows/{name}.yml" for name in ("ci", "examples")]


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        *(("vendor.github-workflows", file) for file in WORKFLOWS),
        *(("custom.github-workflows-require-timeout", file) for file in WORKFLOWS),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_github_would_take_the_templates_own_files(schema: str, file: str) -> None:
    tool(SCHEMAS, "check-jsonschema", "--builtin-schema", schema, str(ROOT / file))


def test_the_templates_own_dependencies_are_updated_where_they_are() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    found = {
        (update["package-ecosystem"], folder.lstrip("/"))
        for update in updates
        for folder in update.get("directories") or [update["directory"]]
    }
    files = {"uv": "uv.lock", "docker": "Dockerfile", "docker-compose": "compose.yaml"}
    named = {(kind, file.parent) for kind, name in files.items() for file in tracked(name)}
    # Rendered: neither uv nor a bot can read it.
    expected = {(kind, "" if str(folder) == "." else str(folder)) for kind, folder in named}
    expected -= {("uv", SOURCE.name)}
    assert found == expected | {
        ("github-actions", ""),
        ("github-actions", f"{SOURCE.name}/.github/workflows"),
    }


def tracked(name: str) -> list[Path]:
    names = run(["git", "ls-files", name, f"**/{name}"], ROOT, environment()).splitlines()
    return [Path(name) for name in names]
