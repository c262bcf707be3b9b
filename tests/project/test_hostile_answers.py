"""Whatever is typed comes back exactly, or is refused in one line with nothing left on disk. Nothing typed is run."""

from pathlib import Path

import pytest
from answering import everything_beside, first_line, read_back, traces_of_a_run, type_in
from cookiecutter.exceptions import FailedHookException
from generation import generate
from hostile import BY_COOKIECUTTER, EXACT, REFUSED, TEXTS
from hostile_slugs import BAD_SLUGS
from sampling import sampled

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder inside the one where commands would run."""
    folder = tmp_path / "house" / "out"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder.parent)
    return folder


@pytest.mark.parametrize("answer", sampled(EXACT))
def test_an_odd_text_comes_back_exactly(out: Path, answer: str) -> None:
    answers = dict.fromkeys(TEXTS, answer)
    assert read_back(generate(out, {**answers, "project_slug": "quotes"})) == answers
    assert traces_of_a_run(out) == []


def test_a_description_may_have_300_characters(out: Path) -> None:
    answers = {"project_name": "Quotes", "description": "d" * 300, "author": "A"}
    assert read_back(generate(out, answers)) == answers


@pytest.mark.parametrize(
    ("question", "limit"), [("project_name", 100), ("description", 300), ("author", 100)], ids=TEXTS
)
def test_a_text_that_is_too_long_is_refused(out: Path, capfd: Capture, question: str, limit: int) -> None:
    with pytest.raises(FailedHookException):
        generate(out, {"project_slug": "quotes", question: "a" * (limit + 1)})
    assert first_line(capfd) == f"{question} has {limit + 1} characters: write 1 to {limit}"
    assert everything_beside(out) == [out]


@pytest.mark.parametrize("question", TEXTS)
@pytest.mark.parametrize(("answer", "complaint"), REFUSED.values(), ids=REFUSED)
def test_a_text_that_cannot_be_carried_is_refused(
    out: Path, capfd: Capture, question: str, answer: object, complaint: str
) -> None:
    with pytest.raises(FailedHookException):
        generate(out, {"project_slug": "quotes", question: answer})
    assert first_line(capfd).startswith(f"{question} {complaint}")
    assert everything_beside(out) == [out]
    assert traces_of_a_run(out) == []


@pytest.mark.parametrize(("slug", "complaint"), BAD_SLUGS.values(), ids=BAD_SLUGS)
def test_a_bad_slug_is_refused(out: Path, capfd: Capture, slug: str, complaint: str) -> None:
    with pytest.raises(FailedHookException):
        generate(out, {"project_slug": slug})
    assert first_line(capfd).startswith(f"project_slug {complaint}")
    assert everything_beside(out) == [out]
    assert traces_of_a_run(out) == []


def test_an_absolute_path_is_no_slug(out: Path, capfd: Capture) -> None:
    with pytest.raises(FailedHookException):
        generate(out, {"project_slug": str(out.with_name("elsewhere"))})
    assert first_line(capfd).startswith("project_slug is not a name like quotes-service")
    assert everything_beside(out) == [out]


@pytest.mark.parametrize("answers", BY_COOKIECUTTER.values(), ids=BY_COOKIECUTTER)
def test_what_cookiecutter_itself_refuses_leaves_nothing(out: Path, answers: dict[str, object]) -> None:
    with pytest.raises(BaseException):  # noqa: B017, PT011 - cookiecutter ends in many ways, by SystemExit too
        generate(out, answers)
    assert everything_beside(out) == [out]


@pytest.mark.parametrize(
    "typed",
    [
        "{{ 7*7 }}",
        "{% raw %}",
        "${{ secrets.TOKEN }}",
        "{{ cycler.__init__.__globals__.os.system('touch pwned') }}",
        "{{ lipsum.__globals__['os'].popen('touch pwned').read() }}",
    ],
)
def test_a_typed_template_is_refused_and_never_run(out: Path, typed: str) -> None:
    done = type_in("Quotes", "quotes", typed, "The team", "1", out=out)
    assert done.returncode == 1
    assert "description contains a brace followed by another brace" in done.stderr
    assert everything_beside(out) == [out]
    assert traces_of_a_run(out) == []


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (
            ["Quotes", "Bad"],
            "project_slug is not a name like quotes-service: write at most 40 lower-case letters",
        ),
        (
            ["Quotes", "email"],
            "project_slug is taken by Python, a package, the project, Windows or Kubernetes",
        ),
        (["a" * 101], "project_name has 101 characters: write 1 to 100"),
        (["Quotes", "quotes", "{{ 7*7 }}"], "description contains a brace followed by another brace, % or #"),
        (["Quotes", "quotes", "Good", "A\u200b"], "author contains the invisible character U+200B"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_a_bad_answer_is_refused_before_the_next_question(out: Path, typed: list[str], line: str) -> None:
    done = type_in(*typed, out=out)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert done.stdout.count("/8]") == len(typed)
    assert "Traceback" not in done.stdout
    assert everything_beside(out) == [out]


@pytest.mark.parametrize("answer", ["project_slug=Bad", "author={{ 7*7 }}", "description= a"])
def test_a_bad_answer_on_the_command_line_is_one_line(out: Path, answer: str) -> None:
    done = type_in(out=out, more=["--no-input", answer])
    assert (done.returncode, done.stdout) == (1, "no project was made\n")
    assert done.stderr.startswith(f"{answer.partition('=')[0]} ")
    assert done.stderr.count("\n") == 1


def test_typed_answers_come_back_exactly(out: Path) -> None:
    typed = {
        "project_name": 'My "quotes" \\ [1]',
        "description": "$(touch pwned) <b>",
        "author": "O'Neill, J.",
    }
    done = type_in(typed["project_name"], "", typed["description"], typed["author"], "2", out=out)
    assert done.returncode == 0, done.stderr
    assert read_back(out / "my-quotes-1") == typed
    assert traces_of_a_run(out) == []


def test_an_answer_in_the_developers_own_configuration_is_ignored(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = out.with_name("own.cookiecutterrc")
    config.write_text('default_context: {author: "Somebody else"}')
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(config))
    assert read_back(generate(out))["author"] == "The team"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Quotes Service", "quotes-service"),
        ("  Über -- Café 2 ", "uber-cafe-2"),
        ("24/7 Support", "support"),
        ("Цитаты", "tsitaty"),
        ("💬", "service"),
        ("a" * 30 + " " + "b" * 30, "a" * 30 + "-" + "b" * 9),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_the_slug_follows_from_the_name(out: Path, name: str, slug: str) -> None:
    assert generate(out, {"project_name": name.strip()}).name == slug
