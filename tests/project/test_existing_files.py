"""What is there already stays as it is."""

from pathlib import Path

import pytest
from generation import contents
from run_cookiecutter import AS_A_USER, Contents, Generate


def test_a_project_that_exists_is_left_alone(house: Path, cookiecutter: Generate) -> None:
    (house / "quotes").mkdir()
    (house / "quotes" / "mine.py").write_text("mine")
    done = cookiecutter("--no-input")
    assert done.returncode == 1
    assert done.stdout == 'Error: "quotes" directory already exists\n'
    assert contents(house / "quotes") == {"mine.py": (0o100644, b"mine")}


def test_a_project_is_not_overwritten(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    cookiecutter("--no-input")
    (house / "quotes" / "mine.py").write_text("mine")
    (house / "quotes" / "manage.py").write_text("ours")
    before = contents(house / "quotes")
    done = cookiecutter("--no-input", "--overwrite-if-exists")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "the folder is not empty: choose another project_slug or, in a project, run"
    )
    assert contents(house / "quotes") == before


def test_a_folder_that_cannot_be_written_stays_empty(house: Path, cookiecutter: Generate) -> None:
    house.chmod(0o555)
    done = cookiecutter("--no-input", prefix=AS_A_USER)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == "OSError: Unable to create directory at quotes"
    assert list(house.iterdir()) == []


@pytest.mark.parametrize("target", ["elsewhere", "../house", "/no/such/folder"])
def test_a_link_of_the_projects_name_is_left_alone(house: Path, cookiecutter: Generate, target: str) -> None:
    (house / "elsewhere").mkdir()
    (house / "quotes").symlink_to(target)
    done = cookiecutter("--no-input")
    assert done.returncode != 0
    assert sorted(path.name for path in house.rglob("*")) == ["elsewhere", "quotes"]
    assert (house / "quotes").readlink() == Path(target)


def test_a_full_disk_stays_as_it_is(house: Path, cookiecutter: Generate) -> None:
    mount = 'mount -t tmpfs -o size=1m none "$PWD" && cd "$PWD" && "$0" "$@"; code=$?; ls; exit $code'
    done = cookiecutter("--no-input", prefix=["unshare", "--mount", "--map-root-user", "sh", "-c", mount])
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no disk can be made here: {done.stderr}")
    assert done.returncode == 1
    assert done.stderr.startswith("the disk has less than 10 MB left: choose another folder")
    assert "quotes" not in done.stdout.splitlines()


def test_a_file_is_no_folder(house: Path, cookiecutter: Generate) -> None:
    (house / "file").write_text("mine")
    done = cookiecutter("--no-input", f"--output-dir={house / 'file'}")
    assert done.returncode != 0
    assert (house / "file").read_text() == "mine"
