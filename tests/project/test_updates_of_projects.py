"""Projects of this template, brought from one release to the next: by `make update`, and by cruft, which merges."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from generation import COMBINATIONS, QUESTIONS, ROOT, SOURCE, copy_of_the_template
from processes import environment, run
from releases import FOLDER, changed, commit, git, write
from run_cookiecutter import PROGRAM
from upstreams.vendored import RECORD, checksums

ADDRESS = "https://git.example.org/template.git"
ANSWERS = {"project_name": 'My "quotes" \\ ü', "project_slug": "quotes", "author": "O'Neill, J."}
CRUFT = ["uvx", "-q", "cruft@2.16.0", "update", "--skip-apply-ask"]
FIRST = f"v{QUESTIONS['_version']}"
NEXT = "v9.10.0"
HEALTH = f"{FOLDER}/src/upstreams/asgi/health.py"
NEWS = f"{FOLDER}/src/upstreams/news.py"
NOTE = f"## [{NEXT[1:]}] - 2026-12-01\n### Migration\nRename nothing.\n"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This template with two releases, and a commit in between."""
    repository = copy_of_the_template(tmp_path_factory.mktemp("releases") / "template")
    git("init", "-q", "-b", "main", at=repository)
    commit(repository, FIRST)
    git("tag", FIRST, at=repository)
    edit(repository / SOURCE.name / "api" / "views.py", '"""', '"""Between. ')
    commit(repository, "between")
    git("tag", "between", at=repository)
    product = repository / SOURCE.name
    edit(repository / "cookiecutter.json", f'"_version": "{FIRST[1:]}"', f'"_version": "{NEXT[1:]}"')
    edit(product / "README.md", "## Run it", "## Run it today")
    edit(product / HEALTH, "\n", "\n# Newer.\n")
    write(product / NEWS, '"""New."""\n')
    edit(product / FOLDER / "pyproject.toml", f'version = "{FIRST[1:]}"', f'version = "{NEXT[1:]}"')
    edit(product / FOLDER / "CHANGELOG.md", "\n## ", f"\n{NOTE}\n## ")
    sums = checksums(product / FOLDER).items()
    write(product / FOLDER / RECORD, "".join(f"{digest}  {name}\n" for name, digest in sums))
    commit(repository, NEXT)
    git("tag", NEXT, at=repository)
    return repository


@pytest.fixture(scope="module")
def env(repository: Path) -> dict[str, str]:
    """An environment in which git finds the template at its public address."""
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf"}
    # Without a home, the Python of this suite would not be found again.
    own = {"HOME": str(repository.with_name("home")), "UV_PYTHON": sys.executable}
    return environment(**instead, GIT_CONFIG_VALUE_0=ADDRESS, **own)


@pytest.fixture(scope="module", params=[FIRST])
def generated(
    request: pytest.FixtureRequest, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("generated")
    given = [f"{name}={value}" for name, value in ANSWERS.items()]
    checkout = ["--no-input", f"--output-dir={out}", "--checkout", str(request.param)]
    run([PROGRAM, *checkout, ADDRESS, *given], out, env)
    return out / "quotes"


@pytest.fixture
def project(generated: Path, env: dict[str, str], tmp_path: Path) -> Path:
    """With the team's own work in it, and its lock, committed."""
    copy = Path(shutil.copytree(generated, tmp_path / "quotes"))
    write(copy / "api" / "tests" / "test_ours.py", "def test_ours():\n    pass\n")
    edit(copy / "api" / "views.py", '"""', '"""Ours. ')
    run(["scripts/uv", "lock", "--quiet"], copy, env)
    git("init", "-q", at=copy)
    commit(copy, "all")
    return copy


def test_the_source_is_recorded_without_credentials_or_a_folder_of_this_machine(
    generated: Path, repository: Path, env: dict[str, str]
) -> None:
    text = (generated / ".cruft.json").read_text()
    source = json.loads(text)
    first = git("rev-parse", FIRST, at=repository).strip()
    assert (source["template"], source["commit"]) == (ADDRESS, first)
    assert {**source["context"]["cookiecutter"], **ANSWERS} == source["context"]["cookiecutter"]
    assert str(ROOT) not in text
    assert env["HOME"] not in text


@pytest.mark.parametrize("generated", [FIRST, "between"], indirect=True)
def test_make_update_brings_the_package_and_leaves_the_rest_to_the_team(
    project: Path, env: dict[str, str]
) -> None:
    said = run(["make", "update"], project, env)
    assert NOTE in said
    assert changed(project) == [
        " M .cruft.json",
        " M uv.lock",
        f" M {FOLDER}/CHANGELOG.md",
        f" M {FOLDER}/{RECORD}",
        f" M {FOLDER}/pyproject.toml",
        f" M {HEALTH}",
        "?? update.patch",
        f"?? {NEWS}",
    ]
    git("apply", "-3", "--include=README.md", "update.patch", at=project)
    assert "## Run it today" in (project / "README.md").read_text()


def test_an_updated_project_passes_its_checks_and_tests(project: Path, env: dict[str, str]) -> None:
    run(["make", "update"], project, env)
    run(["scripts/uv", "run", "-q", "pytest", "-q"], project, env)
    deployed = {**env, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = run(["scripts/uv", "run", "-q", "manage.py", "check", "--deploy"], project, deployed)
    assert "upstreams.W010" not in said


def test_an_edit_of_the_package_is_named_by_the_deployment_check(project: Path, env: dict[str, str]) -> None:
    edit(project / HEALTH, "\n", "\n# Ours.\n")
    deployed = {**env, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = run(["scripts/uv", "run", "-q", "manage.py", "check", "--deploy"], project, deployed)
    assert f"{FOLDER} was edited: {HEALTH.removeprefix(f'{FOLDER}/')}" in said


def test_cruft_merges_everything(project: Path, env: dict[str, str]) -> None:
    with (project / HEALTH).open("a") as file:
        file.write("# Ours.\n")
    commit(project, "edited")
    run(CRUFT, project, env)
    text = (project / HEALTH).read_text()
    assert ("# Newer." in text, "# Ours." in text) == (True, True)
    assert "## Run it today" in (project / "README.md").read_text()
    assert "Ours." in (project / "api" / "views.py").read_text()
    assert (project / NEWS).exists()


def test_make_update_goes_on_where_cruft_has_been(
    project: Path, repository: Path, env: dict[str, str]
) -> None:
    run(CRUFT, project, env)
    commit(project, "updated")
    said = run(["make", "update"], project, env)
    assert f"{FOLDER} is that of {git('rev-parse', NEXT, at=repository).strip()}" in said
    assert set(changed(project)) <= {" M .cruft.json", " M uv.lock"}


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("gh:org/template", "https://github.com/org/template.git"),
        ("https://user:word@example.org/a.git", "https://example.org/a.git"),
        ("git@example.org:org/template.git", "git@example.org:org/template.git"),
        ("/home/me/template", ""),
        ("file:///home/me/template", ""),
        ("template.zip", ""),
    ],
)
def test_what_is_recorded_of_an_address(tmp_path: Path, typed: str, recorded: str) -> None:
    assert record_by_hook(tmp_path, _template=typed)["template"] == recorded


@pytest.mark.parametrize("state", ["branch -q other", "checkout -q --detach", "pack-refs --all"])
def test_the_commit_is_recorded_however_git_keeps_it(tmp_path: Path, repository: Path, state: str) -> None:
    clone = tmp_path / "clone"
    git("clone", "-q", str(repository), str(clone), at=tmp_path)
    git(*state.split(), at=clone)
    expected = git("rev-parse", "HEAD", at=clone).strip()
    assert record_by_hook(tmp_path, _repo_dir=str(clone))["commit"] == expected


def test_without_a_repository_the_version_is_recorded(tmp_path: Path) -> None:
    assert record_by_hook(tmp_path, _repo_dir=str(tmp_path))["commit"] == FIRST


@pytest.mark.parametrize("folder", [ROOT, SOURCE / FOLDER], ids=["the template", "the package"])
def test_the_version_is_the_newest_of_both_changelogs_and_each_has_a_migration_note(folder: Path) -> None:
    releases = (folder / "CHANGELOG.md").read_text().split("\n## ")[1:]
    assert releases[0].startswith(f"[{QUESTIONS['_version']}]")
    assert [one.splitlines()[0] for one in releases if "\n### Migration\n" not in one] == []
    assert all(re.match(r"\[\d+\.\d+\.\d+\] - (Unreleased|\d{4}-\d\d-\d\d)\n", one) for one in releases)


def record_by_hook(folder: Path, **keys: str) -> dict[str, str]:
    hook = (ROOT / "hooks" / "post_gen_project.py").read_text()
    given = json.dumps({**QUESTIONS, **COMBINATIONS[0], **ANSWERS, **keys})
    run(["python3", "-c", hook.replace("{{ cookiecutter | jsonify }}", given)], folder, environment())
    record: dict[str, str] = json.loads((folder / ".cruft.json").read_text())
    return record


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
