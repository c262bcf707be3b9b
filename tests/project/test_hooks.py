"""What the hooks record of the template, and what they refuse to write over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter
from generation import ROOT, contents, generate

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
VERSION = json.loads((ROOT / "cookiecutter.json").read_text())["_version"]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A repository with the questions and the hooks of this template, and a project of one file."""
    folder = tmp_path / "template"
    (folder / "hooks").mkdir(parents=True)
    (folder / "{{cookiecutter.project_slug}}").mkdir()
    (folder / "{{cookiecutter.project_slug}}" / "manage.py").touch()
    (extension,) = (path.name for path in ROOT.glob("*.py"))
    for name in ("cookiecutter.json", "hooks/pre_gen_project.py", "hooks/post_gen_project.py", extension):
        (folder / name).write_text((ROOT / name).read_text())
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return folder


def recorded(template: Path, out: Path) -> str:
    config = out.with_name("config.json")
    config.write_text(json.dumps({"replay_dir": str(out), "cookiecutters_dir": str(out)}))
    project = cookiecutter(str(template), no_input=True, config_file=str(config), output_dir=str(out))
    return str(json.loads(Path(project, ".cruft.json").read_text())["commit"])


@pytest.mark.parametrize(
    "command",
    [["status"], ["pack-refs", "--all"], ["checkout", "-q", "--detach"]],
    ids=lambda words: words[0],
)
def test_the_commit_is_recorded_however_git_keeps_it(
    template: Path, tmp_path: Path, command: list[str]
) -> None:
    subprocess.run([*GIT, *command], cwd=template, check=True)
    head = subprocess.run(
        [*GIT, "rev-parse", "HEAD"], cwd=template, check=True, capture_output=True, text=True
    )
    assert recorded(template, tmp_path / "out") == head.stdout.strip()


def test_without_a_repository_the_version_is_recorded(template: Path, tmp_path: Path) -> None:
    (template / ".git").rename(tmp_path / "elsewhere")
    assert recorded(template, tmp_path / "out") == f"v{VERSION}"


def test_a_project_is_never_written_over(tmp_path: Path) -> None:
    project = generate(tmp_path / "out")
    (project / "config" / "settings.py").write_text("# a team's own\n")
    before = contents(project)
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        "--overwrite-if-exists",
        "--no-input",
        "--default-config",
        "-o",
        str(tmp_path / "out"),
    ]
    done = subprocess.run([*command, str(ROOT)], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert (
        "the folder is not empty: choose another project_slug or, in a project, run `make update`"
        in done.stderr
    )
    assert contents(project) == before
