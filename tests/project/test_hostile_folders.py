"""Wherever a project is generated, and wherever the template lies: the same bytes, or a refusal."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from generation import contents
from run_cookiecutter import SECONDS, Contents, Generate, recorded, traces_of_a_run


@pytest.mark.parametrize(
    "name",
    [
        "a space",
        "it's",
        'says "hello"',
        "$(touch pwned)",
        "`touch pwned`;touch pwned",
        "-rf",
        "ünïcödé 名言",
        "two\nlines",
        "back\\slash",
        "%PATH% 100%",
        "#{a}!! <%= pwned %>",
        "*?[a-z]",
        "a;touch pwned\ttouch pwned",
        "e\u0301 and \u00e9",
        "\u202ereversed",
        "\udcff, which is no UTF-8",
        "con",
        "d" * 200,
        "deep/" * 40 + "end",
    ],
)
def test_no_name_of_a_folder_changes_a_byte(
    house: Path, cookiecutter: Generate, expected: Contents, name: str
) -> None:
    done = cookiecutter("--no-input", f"--output-dir={house / name}")
    assert done.returncode == 0, done.stderr
    assert contents(house / name / "quotes") == expected
    assert traces_of_a_run(house) == []


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{% raw %}", "a {# comment"])
def test_a_folder_that_cookiecutter_would_render_is_refused(
    house: Path, cookiecutter: Generate, name: str
) -> None:
    (house / name).mkdir()
    done = cookiecutter("--no-input", f"--output-dir={house / name}")
    assert done.returncode == 1
    assert done.stderr.startswith("the folder's path contains a brace followed by another brace, % or #")
    assert list((house / name).iterdir()) == []


def test_a_linked_folder_changes_no_byte(
    house: Path, cookiecutter: Generate, of_a_copy: Contents, template: Path
) -> None:
    (house / "linked").symlink_to(house.with_name("elsewhere"))
    house.with_name("elsewhere").mkdir()
    house.with_name("link").symlink_to(template)
    done = cookiecutter("--no-input", "--output-dir=linked", template=house.with_name("link"))
    assert done.returncode == 0, done.stderr
    assert contents(house.with_name("elsewhere") / "quotes") == of_a_copy


def test_a_relative_path_to_the_template_changes_no_byte(
    house: Path, cookiecutter: Generate, of_a_copy: Contents, template: Path
) -> None:
    done = cookiecutter("--no-input", "--output-dir=deep/er", template=Path("..", template.name, "."))
    assert done.returncode == 0, done.stderr
    assert contents(house / "deep" / "er" / "quotes") == of_a_copy


@pytest.mark.parametrize(
    "name", ["a space", "it's", 'says "hello"', "$(touch pwned)", "ünïcödé", "{{ 7*7 }}"]
)
def test_no_name_of_the_templates_folder_changes_a_byte(
    house: Path, cookiecutter: Generate, of_a_copy: Contents, template: Path, name: str
) -> None:
    odd = house.with_name(name)
    template.rename(odd)
    done = cookiecutter("--no-input", template=odd)
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == of_a_copy
    assert traces_of_a_run(house) == []


def test_a_clone_with_the_line_ends_of_windows_changes_no_byte(
    house: Path, cookiecutter: Generate, expected: Contents, template: Path
) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], cwd=template, check=True, timeout=SECONDS)
    clone = house.with_name("clone")
    windows = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    subprocess.run(["git", *windows, "clone", "-q", str(template), str(clone)], check=True, timeout=SECONDS)
    done = cookiecutter("--no-input", template=clone)
    assert done.returncode == 0, done.stderr
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True, check=True)
    assert contents(house / "quotes") == recorded(expected, head.stdout.strip())


def test_an_archive_that_has_no_modes_changes_no_byte(
    house: Path, cookiecutter: Generate, of_a_copy: Contents, template: Path
) -> None:
    archive = house.with_name("archive.zip")
    with zipfile.ZipFile(archive, "w") as zip_file:
        zip_file.mkdir(template.name)
        for file in filter(Path.is_file, template.rglob("*")):
            zip_file.writestr(zipfile.ZipInfo(str(file.relative_to(house.parent))), file.read_bytes())
    done = cookiecutter("--no-input", template=archive)
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == of_a_copy


def test_modules_that_lie_about_are_not_taken_for_pythons(
    house: Path, cookiecutter: Generate, expected: Contents
) -> None:
    for name in ("json", "pathlib", "shutil", "cookiecutter", "sitecustomize"):
        (house / f"{name}.py").write_text("open('pwned', 'w')")
    done = cookiecutter("--no-input")
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected
    assert traces_of_a_run(house) == []
