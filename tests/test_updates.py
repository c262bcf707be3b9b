"""A project of one release is brought to the next: by `make update`, which never merges, and by cruft, which does."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from generation import COMBINATIONS, QUESTIONS, ROOT, SOURCE, copy_of_the_template
from processes import attempt, environment, run
from test_hostile_environments import PROGRAM

ADDRESS = "https://git.example.org/template.git"
ANSWERS = {"project_name": 'My "quotes" \\ ü', "project_slug": "quotes", "author": "O'Neill, J."}
UPDATES = [["make", "update"], ["uvx", "-q", "cruft@2.16.0", "update", "--skip-apply-ask"]]
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false"]
FIRST = f"v{QUESTIONS['_version']}"
NEXT = "v9.10.0"  # newer than v9.9.0, though not in the alphabet


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which git finds the template's releases at their public address."""
    repository = copy_of_the_template(tmp_path_factory.mktemp("releases") / "template")
    git("init", "-q", at=repository)
    release(repository, FIRST)
    release(repository, "v9.9.0")
    product = repository / SOURCE.name
    edit(repository / "cookiecutter.json", f'"_version": "{FIRST[1:]}"', f'"_version": "{NEXT[1:]}"')
    edit(repository / "cookiecutter.json", '  "ci": [', '  "colour": ["red", "blue"],\n  "ci": [')
    edit(product / "compose.yaml", "services:", "# {{ cookiecutter.colour }}\nservices:")
    edit(product / "server" / "probes.py", "\n", "\n# Newer.\n")
    edit(product / "README.md", "## Run it", "## Run it today")
    (product / "services" / "core" / "news.py").write_text('"""New."""\n')
    (product / "tests" / "proxied" / "test_proxied.py").unlink()
    release(repository, NEXT)
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf"}
    return environment(**instead, GIT_CONFIG_VALUE_0=ADDRESS, HOME=str(repository.with_name("home")))


@pytest.fixture(scope="module")
def generated(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    given = [f"{name}={value}" for name, value in ANSWERS.items()]
    run([PROGRAM, "--no-input", f"--output-dir={out}", "--checkout", FIRST, ADDRESS, *given], out, env)
    return out / "quotes"


@pytest.fixture
def project(generated: Path, tmp_path: Path) -> Path:
    """Of the first release, with the team's own work in it, committed."""
    copy = Path(shutil.copytree(generated, tmp_path / "quotes"))
    (copy / "tests" / "test_ours.py").write_text("def test_ours():\n    pass\n")
    edit(copy / "api" / "views.py", "The example views", "Our views")
    git("init", "-q", at=copy)
    commit(copy, "all")
    return copy


def test_the_source_is_recorded_without_credentials_or_a_folder_of_this_machine(
    generated: Path, env: dict[str, str]
) -> None:
    source = json.loads((generated / ".cruft.json").read_text())
    assert (source["template"], source["commit"]) == (ADDRESS, FIRST)
    assert {**source["context"]["cookiecutter"], **ANSWERS} == source["context"]["cookiecutter"]
    assert str(ROOT) not in (generated / ".cruft.json").read_text()
    assert env["HOME"] not in (generated / ".cruft.json").read_text()


def test_the_sums_are_those_of_sha256sum(generated: Path, env: dict[str, str]) -> None:
    run(["sha256sum", "--check", "--strict", "--quiet", ".machinery.sha256"], generated, env)


def test_make_update_brings_the_machinery_and_leaves_the_rest_to_the_team(
    project: Path, env: dict[str, str]
) -> None:
    said = run(["make", "update"], project, env)
    assert f"The machinery is that of {NEXT}." in said
    assert changed(project) == [
        " M .cruft.json",
        " M .machinery.sha256",
        " M server/probes.py",
        " D tests/proxied/test_proxied.py",
        "?? services/core/news.py",
        "?? update.patch",
    ]
    git("apply", "-3", "update.patch", at=project)
    assert "## Run it today" in (project / "README.md").read_text()
    run(["sha256sum", "--check", "--strict", "--quiet", ".machinery.sha256"], project, env)


def test_an_updated_project_passes_its_tests(project: Path, env: dict[str, str]) -> None:
    run(["make", "update", f"TO={NEXT}"], project, env)
    tests = ["tests/test_layers.py", "tests/calls", "tests/test_ours.py", "api"]
    run(["scripts/uv", "run", "-q", "pytest", "-q", *tests], project, env)


@pytest.mark.parametrize("update", UPDATES, ids=["make update", "cruft update"])
def test_a_question_that_was_never_asked_has_its_default_answer(
    project: Path, env: dict[str, str], update: list[str]
) -> None:
    before = answers(project)
    run(update, project, env)
    assert answers(project) == {**before, "colour": "red"}


def test_what_a_new_question_changes_is_in_the_patch(project: Path, env: dict[str, str]) -> None:
    run(["make", "update"], project, env)
    git("apply", "-3", "update.patch", at=project)
    assert "\n# red\nservices:" in (project / "compose.yaml").read_text()


def test_a_new_question_is_answered_in_the_record(project: Path, env: dict[str, str]) -> None:
    edit(project / ".cruft.json", '"ci": "github"', '"ci": "github", "colour": "blue"')
    run(["make", "update"], project, env)
    git("apply", "-3", "update.patch", at=project)
    assert "\n# blue\nservices:" in (project / "compose.yaml").read_text()


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        ('"project_slug": "quotes"', "project_slug is taken by Python"),
        ('"ci": "github"', "nowhere provided for choice variable ci"),
    ],
)
def test_an_answer_that_the_new_version_refuses_is_one_line(
    project: Path, env: dict[str, str], recorded: str, message: str
) -> None:
    refused = recorded.replace("quotes", "django").replace("github", "nowhere")
    edit(project / ".cruft.json", recorded, refused)
    done = attempt(["make", "update"], project, env)
    assert done.returncode != 0
    assert message in done.stderr.splitlines()[0]
    assert changed(project) == [" M .cruft.json"]


def test_a_second_update_changes_nothing(project: Path, env: dict[str, str]) -> None:
    run(["make", "update"], project, env)
    (project / "update.patch").unlink()
    commit(project, "updated")
    run(["make", "update"], project, env)
    assert changed(project) == []


@pytest.mark.parametrize("name", ["server/probes.py", "tests/test_layers.py", "scripts/update.py"])
def test_make_update_refuses_an_edited_file_and_shows_the_edit(
    project: Path, env: dict[str, str], name: str
) -> None:
    with (project / name).open("a") as file:
        file.write("# Ours.\n")
    commit(project, "edited")
    done = attempt(["make", "update"], project, env)
    assert done.returncode != 0
    assert f"+++ project/{name}\n" in done.stdout
    assert "\n+# Ours.\n" in done.stdout
    assert done.stderr.startswith(f"edited: {name}; nothing was changed. Undo it, keep it elsewhere, or have")
    assert changed(project) == []


def test_what_a_team_has_deleted_stays_deleted(project: Path, env: dict[str, str]) -> None:
    (project / "tests" / "test_layers.py").unlink()
    commit(project, "deleted")
    run(["make", "update"], project, env)
    run(["make", "update"], project, env)
    assert not (project / "tests" / "test_layers.py").exists()


def test_make_update_refuses_to_overwrite_a_file_of_the_team(project: Path, env: dict[str, str]) -> None:
    (project / "services" / "core" / "news.py").write_text("ours")
    done = attempt(["make", "update"], project, env)
    said = "the new version has files of these names: services/core/news.py; rename yours\n"
    assert done.stderr.startswith(said)
    assert changed(project) == ["?? services/core/news.py"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            f'"{ADDRESS}"',
            '""',
            '.cruft.json: write the address of the template\'s repository after "template"',
        ),
        (f'"{FIRST}"', '"v0.0.1"', "v0.0.1"),
        (ADDRESS, "/no/such/template", "fatal: '/no/such/template' does not appear to be a git repository"),
    ],
)
def test_a_template_that_is_not_there_is_one_line(
    project: Path, env: dict[str, str], old: str, new: str, message: str
) -> None:
    edit(project / ".cruft.json", old, new)
    done = attempt(["make", "update"], project, env)
    assert message in done.stderr
    assert changed(project) == [" M .cruft.json"]


def test_a_template_in_a_folder_has_versions_too(project: Path, env: dict[str, str]) -> None:
    folder = env["GIT_CONFIG_KEY_0"].removeprefix("url.").removesuffix(".insteadOf")
    edit(project / ".cruft.json", ADDRESS, folder)
    run(["make", "update", "TO=v9.9.0"], project, env)
    assert changed(project) == [" M .cruft.json"]


def test_cruft_merges_everything(project: Path, env: dict[str, str]) -> None:
    with (project / "server" / "probes.py").open("a") as file:
        file.write("# Ours.\n")
    commit(project, "edited")
    run(["uvx", "-q", "cruft@2.16.0", "update", "--skip-apply-ask"], project, env)
    text = (project / "server" / "probes.py").read_text()
    assert ("# Newer." in text, "# Ours." in text) == (True, True)
    assert "## Run it today" in (project / "README.md").read_text()
    assert "Our views" in (project / "api" / "views.py").read_text()
    assert (project / "services" / "core" / "news.py").exists()
    assert not (project / "tests" / "proxied" / "test_proxied.py").exists()


def test_make_update_goes_on_where_cruft_has_been(project: Path, env: dict[str, str]) -> None:
    run(["uvx", "-q", "cruft@2.16.0", "update", "--skip-apply-ask"], project, env)
    commit(project, "updated")
    said = run(["make", "update"], project, env)
    assert f"The machinery is that of {NEXT}." in said
    assert changed(project) == [" M .cruft.json"]


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
    hook = (ROOT / "hooks" / "post_gen_project.py").read_text()
    answers = json.dumps({**QUESTIONS, **COMBINATIONS[0], **ANSWERS, "_template": typed})
    script = hook.replace("{{ cookiecutter | jsonify }}", answers)
    run(["python3", "-c", script], tmp_path, environment())
    assert json.loads((tmp_path / ".cruft.json").read_text())["template"] == recorded


def test_the_version_is_the_newest_of_the_changelog_and_each_has_a_migration_note() -> None:
    releases = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1:]
    assert releases[0].startswith(f"[{QUESTIONS['_version']}]")
    assert [one.splitlines()[0] for one in releases if "\n### Migration\n" not in one] == []
    assert all(re.match(r"\[\d+\.\d+\.\d+\] - (Unreleased|\d{4}-\d\d-\d\d)\n", one) for one in releases)


def answers(project: Path) -> dict[str, str]:
    recorded: dict[str, str] = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    return {name: answer for name, answer in recorded.items() if not name.startswith("_")}


def release(repository: Path, tag: str) -> None:
    commit(repository, tag)
    git("tag", tag, at=repository)


def commit(folder: Path, message: str) -> None:
    git("add", "-A", at=folder)
    git("commit", "-q", "--allow-empty", "-m", message, at=folder)


def git(*arguments: str, at: Path) -> str:
    done = subprocess.run([*GIT, *arguments], cwd=at, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def changed(project: Path) -> list[str]:
    return git("status", "--porcelain", "--untracked-files=all", at=project).splitlines()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
