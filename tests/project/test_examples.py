"""The examples that the release publishes: the same bytes wherever they are written, and on their branch."""

import json
import os
import re
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import examples
import pytest
import yaml
from generation import CHOICES, ROOT, contents, copy_of_the_template
from processes import attempt, environment, run
from releases import commit, git

WRITE = [sys.executable, "scripts/examples.py"]
WORKFLOW = ROOT / ".github" / "workflows" / "examples.yml"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "here"
    examples.write(folder)
    return folder


def test_they_are_the_same_byte_for_byte_elsewhere(written: Path, tmp_path: Path) -> None:
    template = copy_of_the_template(tmp_path / "elsewhere")  # without a repository
    env = environment(HOME=str(tmp_path), TZ="Asia/Tokyo", PYTHONHASHSEED="7", LC_ALL="C")
    run([*WRITE, str(tmp_path / "again")], template, env)
    assert contents(tmp_path / "again") == contents(written)


def test_each_answer_is_in_one_of_them() -> None:
    shown = [
        {name: options[0] for name, options in CHOICES.items()} | one for one in examples.EXAMPLES.values()
    ]
    assert {name: {one[name] for one in shown} for name in CHOICES} == {
        name: set(options) for name, options in CHOICES.items()
    }


def test_they_can_be_updated_to_the_next_release(written: Path) -> None:
    records = [json.loads(file.read_text()) for file in written.glob("*/.cruft.json")]
    assert {(one["template"], one["commit"]) for one in records} == {(examples.TEMPLATE, examples.VERSION)}
    assert len(records) == len(examples.EXAMPLES)


def test_the_pages_list_them(written: Path) -> None:
    page, readme = (written / "README.md").read_text(), (ROOT / "README.md").read_text()
    address = f"{examples.TEMPLATE.removesuffix('.git')}/tree/{examples.BRANCH}"
    assert re.findall(r"^\| \[(.*?)\]\((.*?)\) \|", page, re.MULTILINE) == [
        (name, name) for name in examples.EXAMPLES
    ]
    assert re.findall(rf"\[(.*?)\]\({address}/(.*?)\)", readme) == [
        (name, name) for name in examples.EXAMPLES
    ]


def test_the_branch_has_them_and_grows_by_what_changes(tmp_path: Path) -> None:
    template = copy_of_the_template(tmp_path / "template")
    git("init", "-q", "-b", "main", at=template)
    commit(template, "all")
    of_a_runner = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    few = [sys.executable, "-c", f"import examples; examples.EXAMPLES = {{'default': {{}}}}; {COMMIT}"]
    env = environment(PYTHONPATH=str(template / "scripts"), **of_a_runner)
    first = run(few, template, env).strip()
    assert run(few, template, env).strip() == first
    examples_of(template, tmp_path / "branch")
    assert (tmp_path / "branch" / "default" / "manage.py").exists()
    questions = template / "cookiecutter.json"
    questions.write_text(questions.read_text().replace('"The team"', '"Another team"'))
    second = run(few, template, env).strip()
    assert git("rev-list", "examples", at=template).split() == [second, first]
    changed = git("diff", "--name-only", first, second, at=template).split()
    assert changed == ["default/.cruft.json", "default/pyproject.toml"]
    assert git("status", "--porcelain", at=template).split() == ["M", "cookiecutter.json"]


COMMIT = "examples.main(['--commit'])"


def examples_of(template: Path, folder: Path) -> None:
    archive = subprocess.run(
        ["git", "archive", "examples"], cwd=template, capture_output=True, check=True, timeout=60
    )
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")


def test_a_wrong_argument_is_one_line() -> None:
    done = attempt([*WRITE, "--push"], ROOT, {**environment(), "PATH": os.environ["PATH"]})
    assert done.stderr == "write `examples.py FOLDER`, or `examples.py --commit` for the branch\n"


def test_a_release_publishes_them() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # `on` is a boolean in YAML 1.1
    (job,) = workflow["jobs"].values()
    assert "sh scripts/uv run python scripts/examples.py --commit" in [
        step.get("run") for step in job["steps"]
    ]
