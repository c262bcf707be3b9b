"""What an answer changes in code is whole files, in `_variants/<question>/<answer>/`; those of the default lie in place."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from generation import CHOICES, QUESTIONS, ROOT, SOURCE, contents, files

HOOK = ROOT / "hooks" / "post_gen_project.py"
REFUSING = ROOT / "hooks" / "pre_gen_project.py"
VARIANTS = SOURCE / "_variants"


def test_each_folder_belongs_to_an_answer_other_than_the_default() -> None:
    found = {path.relative_to(VARIANTS).parts for path in VARIANTS.glob("*/*")}
    assert found <= {(question, answer) for question, answers in CHOICES.items() for answer in answers[1:]}
    assert found == {(question, answer) for question, answers in removed().items() for answer in answers}


def test_what_is_asked_is_what_is_taken_from_a_replay_file() -> None:
    assert constant(REFUSING, "CHOICES") == {name: tuple(options) for name, options in CHOICES.items()}


def test_a_chosen_answer_replaces_and_adds_its_files(project: Path, combination: dict[str, str]) -> None:
    own = [
        (file, project / file.relative_to(folder)) for folder in chosen(combination) for file in files(folder)
    ]
    assert [there for here, there in own if rendered(here, project.name) != there.read_text()] == []


def test_what_only_other_answers_need_is_gone(project: Path, combination: dict[str, str]) -> None:
    names = [
        name for question, answers in removed().items() for name in answers.get(combination[question], [])
    ]
    assert [name for name in names if (project / name).exists()] == []
    assert [name for name in names if not (SOURCE / name).exists()] == []


def test_the_hook_changes_nothing_when_it_runs_again(project: Path) -> None:
    before = contents(project)
    source = json.loads((project / ".cruft.json").read_text())
    answers = json.dumps({**QUESTIONS, **source["context"]["cookiecutter"], "_repo_dir": str(ROOT)})
    hook = HOOK.read_text().replace("{{ cookiecutter | jsonify }}", answers)
    subprocess.run([sys.executable, "-c", hook], cwd=project, check=True, capture_output=True)
    assert contents(project) == before


def rendered(file: Path, slug: str) -> str:
    return file.read_text().replace("{{ cookiecutter.project_slug }}", slug)


def chosen(combination: dict[str, str]) -> list[Path]:
    folders = [VARIANTS / question / answer for question, answer in combination.items()]
    return [folder for folder in folders if folder.is_dir()]


def removed() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = constant(HOOK, "REMOVED")
    return found


def constant(hook: Path, name: str) -> Any:
    """Of a hook, which cannot be imported before it is rendered."""
    found = [
        node for node in ast.parse(hook.read_text()).body if isinstance(node, ast.Assign | ast.AnnAssign)
    ]
    values = {ast.unparse(n.target if isinstance(n, ast.AnnAssign) else n.targets[0]): n.value for n in found}
    value = values[name]
    assert value is not None
    return ast.literal_eval(value)
