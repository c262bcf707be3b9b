"""What GitHub does with this repository itself, which no project has."""

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from generation import PACKAGE, ROOT, SOURCE
from processes import environment, run, tool

SCHEMAS = "check-jsonschema==0.39.0"
WORKFLOWS = [f".github/workflows/{name}.yml" for name in ("ci", "examples")]


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        *(("vendor.github-workflows", file) for file in WORKFLOWS),
        *(("custom.github-workflows-require-timeout", file) for file in WORKFLOWS),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/bug.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/idea.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    ],
)
def test_github_would_take_the_templates_own_files(schema: str, file: str) -> None:
    tool(SCHEMAS, "check-jsonschema", "--builtin-schema", schema, str(ROOT / file))


def test_the_badges_are_true() -> None:
    badges = re.findall(
        r"!\[([^\]]*)\]\(https://img.shields.io/badge/(.*?)-\w+\)", (ROOT / "README.md").read_text()
    )
    package = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    workflow = yaml.safe_load((ROOT / WORKFLOWS[0]).read_text())
    framework = "Framework :: Django :: "
    supported = [one.removeprefix(framework) for one in package["classifiers"] if one.startswith(framework)]
    assert [text for text, _ in badges] == [
        f"Python {', '.join(workflow['jobs']['test']['strategy']['matrix']['python'])}",
        f"Django {', '.join(supported)}",
        f"Licence {package['license']}",
    ]
    shown = [unquote(picture).replace(" | ", ", ").replace("-", " ") for _, picture in badges]
    assert shown == [text for text, _ in badges]


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
