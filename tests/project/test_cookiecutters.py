"""The programs that generate a project, in versions that people have: each makes the same project, or none."""

import sys
from pathlib import Path

import pytest
from generation import ROOT, SOURCE, contents, copy_of_the_template, generate
from processes import attempt, environment
from releases import commit, git

ANSWERS = ["author=O'Neill", "project_slug=quotes"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of this template, as cruft needs one."""
    template = copy_of_the_template(tmp_path_factory.mktemp("template") / "template")
    git("init", "-q", at=template)
    commit(template, "all")
    return template


@pytest.mark.parametrize(
    ("version", "refusal"),
    [
        # What Debian 12 has.
        (
            "1.7.3",
            "Unable to load extension: No module named 'needs_cookiecutter_2_so_type_uvx_cookiecutter'\n",
        ),
        (
            "2.1.1",
            "cookiecutter 2.1.1 is too old for this template, which needs 2.2: type `uvx cookiecutter`\n",
        ),
    ],
)
@pytest.mark.parametrize("options", [["--no-input"], []], ids=["--no-input", "asked"])
def test_an_old_cookiecutter_is_refused_in_one_line(
    tmp_path: Path, version: str, refusal: str, options: list[str]
) -> None:
    done = attempt([*uvx(f"cookiecutter=={version}"), *options, str(ROOT)], tmp_path, homeless(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (1, refusal, "")
    assert made_in(tmp_path) == []


@pytest.mark.parametrize("version", ["2.2.3", "2.6.0", "2.7.1"])
def test_a_newer_one_makes_the_same_project(tmp_path: Path, template: Path, version: str) -> None:
    command = [*uvx(f"cookiecutter=={version}"), "--no-input", str(template), *ANSWERS]
    done = attempt(command, tmp_path, homeless(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    expected = contents(generate(tmp_path / "out", dict(answer.split("=") for answer in ANSWERS)))
    assert without_record(contents(tmp_path / "quotes")) == without_record(expected)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ('{"project_slug": "Bad"}', "project_slug is not a name like quotes-service"),
        ('{"project_slug": "Bad{# gone #}"}', "project_slug is not a name like quotes-service"),
    ],
)
def test_cruft_refuses_a_bad_answer(tmp_path: Path, template: Path, answer: str, complaint: str) -> None:
    command = [
        "uvx",
        "-q",
        "--python",
        sys.executable,
        "cruft@2.16.0",
        "create",
        str(template),
        "--no-input",
        "--extra-context",
        answer,
    ]
    done = attempt(command, tmp_path, homeless(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(complaint)
    assert made_in(tmp_path) == []


def test_no_module_beside_the_template_is_imported_by_chance(template: Path) -> None:
    """The only module there has a name that says what it is for, and nothing of Python's or of a package has."""
    assert [path.stem for path in template.glob("*.py")] == ["needs_cookiecutter_2_so_type_uvx_cookiecutter"]
    assert (template / SOURCE.name).is_dir()


def uvx(requirement: str) -> list[str]:
    return ["uvx", "-q", "--python", sys.executable, "--from", requirement, "cookiecutter"]


def homeless(folder: Path) -> dict[str, str]:
    """No replay file and no clone lands in the developer's own home."""
    config = folder / "rc.yaml"
    config.write_text(f"replay_dir: {folder}/replay\ncookiecutters_dir: {folder}/clones\n")
    return environment(COOKIECUTTER_CONFIG=str(config))


def made_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name not in {"rc.yaml", "replay", "clones"}]


def without_record(found: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    return {name: file for name, file in found.items() if name != ".cruft.json"}
