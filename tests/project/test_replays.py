"""A replay and the developer's own defaults are checked like typed values."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from generation import contents, generate
from run_cookiecutter import Contents, Generate, everything_beside, replay_file, traces_of_a_run


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
