"""Wherever a project is generated, whoever does it and with which machine: the same bytes, or nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from generation import QUESTIONS, ROOT, contents, copy_of_the_template, generate
from processes import environment

PROGRAM = str(Path(sys.executable).with_name("cookiecutter"))
ANSWERS = {
    "project_name": 'It\'s "ours" \\ ü',
    "project_slug": "quotes",
    "author": "$(touch pwned) `touch pwned`",
}
SECONDS = 60
# root may write anywhere, unless it is made to give that up.
AS_A_USER = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []

Contents = dict[str, tuple[int, bytes]]
Generate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What the same answers give where nothing is odd."""
    return contents(generate(tmp_path_factory.mktemp("expected") / "out", ANSWERS))


@pytest.fixture(scope="module")
def of_a_copy(expected: Contents) -> Contents:
    """What they give where git knows no commit: the version is recorded instead."""
    return recorded(expected, f"v{QUESTIONS['_version']}")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folder in which commands would run."""
    folder = tmp_path / "house"
    folder.mkdir()
    return folder


@pytest.fixture
def cookiecutter(house: Path) -> Generate:
    def cookiecutter(
        *options: str,
        template: Path = ROOT,
        answers: Mapping[str, str] = ANSWERS,
        prefix: list[str] | None = None,
        env: Mapping[str, str | None] | None = None,
        rc: Mapping[str, object] | None = None,
        **more: object,
    ) -> subprocess.CompletedProcess[str]:
        config = house.with_name("rc.yaml")
        config.write_text(json.dumps({"replay_dir": f"{house}.replay", **(rc or {})}))
        given = [f"{name}={value}" for name, value in answers.items()]
        merged = {**environment(), **(env or {})}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*(prefix or []), PROGRAM, "--config-file", str(config), *options, str(template), *given],
            cwd=house,
            env={name: value for name, value in merged.items() if value is not None},
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return cookiecutter


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "nowhere.UTF-8"},
        {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
        {"PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb", "NO_COLOR": "1"},
        {"TERM": None, "COLUMNS": "1"},
        {"HOME": None},
        {"HOME": "/no/such/home"},
        {"HOME": "/dev/null"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4294967295"},
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONPATH": "/no/such/folder:/dev/null:relative:"},
        {"PYTHONDEVMODE": "1", "PYTHONWARNDEFAULTENCODING": "1"},
        {"PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "PYTHONOPTIMIZE": "1"},
        {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONINTMAXSTRDIGITS": "640"},
        {"TMPDIR": "/no/such/folder"},
        {"CDPATH": "/", "ENV": "/no/such/file", "BASH_ENV": "/no/such/file", "IFS": "/"},
        {"PATH": "/no/such/folder"},
        {
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "ALL_PROXY": "http://127.0.0.1:9",
        },
        {"TZ": "Nowhere/Never", "SOURCE_DATE_EPOCH": "0"},
        {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "later"},
        {"VIRTUAL_ENV": "/no/such/env", "UV_PYTHON": "2.7", "DJANGO_SETTINGS_MODULE": "no.such"},
        {"GIT_DIR": "/no/such/git", "GIT_CONFIG_GLOBAL": "/dev/null"},
    ],
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_no_variable_changes_a_byte(
    house: Path, cookiecutter: Generate, expected: Contents, env: Mapping[str, str | None]
) -> None:
    done = cookiecutter("--no-input", env=env)
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected
    assert traces_of_a_run(house) == []


def test_a_python_that_reads_no_more_than_ascii_refuses_the_rest_in_one_line(
    house: Path, cookiecutter: Generate
) -> None:
    done = cookiecutter("--no-input", env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert done.stderr.startswith("project_name contains the invisible character U+DCC3")
    assert list(house.iterdir()) == []


@pytest.mark.parametrize("mask", ["000", "022", "077"])
def test_no_umask_changes_a_byte_or_who_may_run_a_script(
    house: Path, cookiecutter: Generate, expected: Contents, mask: str
) -> None:
    done = cookiecutter("--no-input", umask=int(mask, 8))
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


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


def test_a_closed_output_changes_no_byte(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'exec "$0" "$@" >&- 2>&-'])
    assert done.returncode == 0
    assert contents(house / "quotes") == expected


def test_a_full_output_leaves_a_project_or_nothing(house: Path, cookiecutter: Generate) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'exec "$0" "$@" > /dev/full'])
    assert (done.returncode == 0) == (house / "quotes" / "manage.py").exists()


def test_few_open_files_are_enough(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'ulimit -n 32; exec "$0" "$@"'])
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def test_no_network_is_needed(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["unshare", "--net", "--map-root-user"])
    if "unshare" in done.stderr:
        pytest.skip(f"no namespace can be made here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def test_the_developers_own_defaults_are_answers_like_others(house: Path, cookiecutter: Generate) -> None:
    own = {"author": 'Doe, "Jane"', "email": "jane@example.org", "github_username": "jane", "license": "MIT"}
    done = cookiecutter("--no-input", answers={"project_slug": "quotes"}, rc={"default_context": own})
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == contents(
        generate(house.with_name("plain"), {"project_slug": "quotes", "author": own["author"]})
    )


def test_a_replay_gives_the_same_bytes(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    cookiecutter("--no-input")
    shutil.rmtree(house / "quotes")
    done = cookiecutter("--replay", answers={})
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def test_a_replay_file_by_hand_is_refused_where_an_answer_would_be(
    house: Path, cookiecutter: Generate
) -> None:
    cookiecutter("--no-input")
    shutil.rmtree(house / "quotes")
    (kept,) = Path(f"{house}.replay").glob("*.json")
    text = kept.read_text().replace(
        "$(touch pwned)", "{{ cycler.__init__.__globals__.os.system('touch pwned') }}"
    )
    kept.write_text(text)
    done = cookiecutter("--replay-file", str(kept), answers={})
    assert done.returncode == 1
    assert done.stderr.startswith("author contains a brace followed by another brace")
    assert list(house.iterdir()) == []
    assert traces_of_a_run(house) == []


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("http_client", "requests", "http_client is not offered: write httpx2 or httpx"),
        ("task_queue", ["celery"], "task_queue is not offered: write database or celery"),
        ("ci", None, "ci is not offered: write github or gitlab"),
        ("api", "rest", "api is not offered: write plain or ninja"),
        ("author", 42, "author is not text: put it in quotes"),
        ("author", {"a": "b"}, "author is not text: put it in quotes"),
        ("description", ["one", "two"], "description is not text: put it in quotes"),
        ("project_name", "one\u200btwo", "project_name contains the invisible character U+200B"),
        ("project_slug", 42, "project_slug is not text: put it in quotes"),
        ("project_slug", "../quotes", "project_slug is not a name like quotes-service"),
    ],
)
def test_a_replay_file_of_another_type_is_refused(
    house: Path, cookiecutter: Generate, key: str, value: object, complaint: str
) -> None:
    done = cookiecutter("--replay-file", replay_file(house, cookiecutter, {key: value}), answers={})
    assert done.returncode == 1
    assert done.stderr.startswith(complaint)
    assert everything_beside(house) == [house]


@pytest.mark.parametrize("key", ["project_name", "project_slug", "description", "ci", "__author_toml"])
def test_a_replay_file_that_lacks_an_answer_leaves_nothing(
    house: Path, cookiecutter: Generate, key: str
) -> None:
    done = cookiecutter("--replay-file", replay_file(house, cookiecutter, without=key), answers={})
    assert done.returncode != 0
    assert everything_beside(house) == [house]


def test_a_replay_file_may_have_more_than_was_asked(
    house: Path, cookiecutter: Generate, expected: Contents
) -> None:
    kept = replay_file(house, cookiecutter, {"_more": "{{ 7*7 }}", "_and": {"more": [1, None, True]}})
    done = cookiecutter("--replay-file", kept, answers={})
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cookiecutter": []}', "\udcff", "not JSON"])
def test_a_replay_file_that_is_none_leaves_nothing(house: Path, cookiecutter: Generate, text: str) -> None:
    kept = house.with_name("kept.json")
    kept.write_text(text, errors="surrogateescape")
    done = cookiecutter("--replay-file", str(kept), answers={})
    assert done.returncode != 0
    assert everything_beside(house) == [house]


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"author": True}, "author is not text: put it in quotes"),
        ({"author": None}, "author is not text: put it in quotes"),
        ({"author": "{{ cycler }}"}, "author contains a brace followed by another brace, % or #"),
    ],
)
def test_the_developers_own_defaults_are_refused_like_others(
    house: Path, cookiecutter: Generate, own: Mapping[str, object], complaint: str
) -> None:
    done = cookiecutter("--no-input", answers={"project_slug": "quotes"}, rc={"default_context": own})
    assert done.returncode == 1
    assert complaint in done.stderr
    assert everything_beside(house) == [house]


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


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_any_python_that_runs_cookiecutter_gives_the_same_bytes(
    house: Path, expected: Contents, version: str
) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    config = house.with_name("rc.yaml")
    config.write_text(json.dumps({"replay_dir": f"{house}.replay"}))
    run = ["uv", "run", "-q", "--no-project", "--isolated", "--python", python, "--with", "cookiecutter>=2.6"]
    options = ["cookiecutter", "--config-file", str(config), "--no-input", str(ROOT)]
    done = subprocess.run(
        [*run, *options, *(f"{name}={value}" for name, value in ANSWERS.items())],
        cwd=house,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def replay_file(
    house: Path, cookiecutter: Generate, more: Mapping[str, object] | None = None, without: str = ""
) -> str:
    """Kept by a run of cookiecutter, then edited by hand."""
    cookiecutter("--no-input")
    shutil.rmtree(house / "quotes")
    (kept,) = Path(f"{house}.replay").glob("*.json")
    replay = json.loads(kept.read_text())
    replay["cookiecutter"] |= more or {}
    replay["cookiecutter"].pop(without, None)
    kept.write_text(json.dumps(replay))
    return str(kept)


def everything_beside(house: Path) -> list[Path]:
    """What a path above it would have made shows, too."""
    own = (f"{house}.replay", "rc.yaml", "kept.json")
    return [path for path in house.parent.rglob("*") if not any(name in str(path) for name in own)]


def python_of(version: str) -> str | None:
    """uv does not look where pyenv keeps them, and pyenv's shims may not run."""
    kept = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    own = [str(path) for path in kept.glob(f"{version}.*/bin/python")]
    command = ["uv", "python", "find", "--no-project", version]
    env = environment(UV_PYTHON_DOWNLOADS="never")
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout.strip()
    return next(filter(None, [*own, found]), None)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return copy_of_the_template(tmp_path / "template")


def recorded(made: Contents, commit: str) -> Contents:
    """The same, made from another commit."""
    mode, text = made[".cruft.json"]
    replaced = re.sub(rb'"commit": ".*?"', f'"commit": "{commit}"'.encode(), text)
    return {**made, ".cruft.json": (mode, replaced)}


def traces_of_a_run(house: Path) -> list[Path]:
    return [*house.rglob("pwned"), *ROOT.glob("pwned"), *Path(f"{house}.replay").rglob("pwned")]
