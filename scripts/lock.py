"""Write the project's uv.lock, one for all answers; --upgrade takes the newest versions, --check compares.

The file is a template: what `uv lock` writes for each combination of answers, merged line by line. A line that
not all combinations have is inside an `{% if %}`.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from textwrap import fill

from demo import ROOT, generate

LOCK = ROOT / "{{cookiecutter.project_slug}}" / "uv.lock"
HOOK = ROOT / "hooks" / "pre_gen_project.py"
INDEX = 'registry = "https://pypi.org/simple"'
# The questions whose answers change a dependency.
QUESTIONS = ("http_client", "task_queue", "api")
CHOICES: dict[str, list[str]] = json.loads((ROOT / "cookiecutter.json").read_text())
COMBINATIONS = list(itertools.product(*(CHOICES[question] for question in QUESTIONS)))

Combination = tuple[str, ...]
Line = tuple[str, set[Combination]]

SLUG = "quotes-service"
MEMBERS = f"""\
members = [
    "django-upstreams",
    "{SLUG}",
]
"""
HEAD = """\
{# `make lock` writes this file; scripts/lock.py says how. #}
{% set name = cookiecutter.project_slug | replace("_", "-") %}
{% set lock %}
"""
SORTED_MEMBERS = """\
members = [
{% for member in ["django-upstreams", name] | sort %}
    "{{ member }}",
{% endfor %}
]
"""
# uv sorts packages by name, so the place of the project's own depends on its slug.
TAIL = r"""
{% endset %}
{% set parts = lock.split("\n[[package]]\n") %}
{{ ([parts[0]] + (parts[1:] | sort)) | join("\n[[package]]\n") -}}
""".lstrip()


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if "--check" in arguments:
            for combination in (COMBINATIONS[0], COMBINATIONS[-1]):  # each answer once
                check(combination, Path(folder))
        else:
            locks = {one: lock(one, Path(folder), *arguments) for one in COMBINATIONS}
            LOCK.write_text(HEAD + with_slug("".join(with_conditions(merge(locks)))) + TAIL)
            refuse_as_slugs(re.findall(r'^name = "([\w.-]+)"', LOCK.read_text(), re.MULTILINE))


def check(combination: Combination, folder: Path) -> None:
    """Exit unless the lock fits what pyproject.toml asks for, which uv finds out without the network."""
    if uv(project_of(combination, folder), "--check", "--offline").returncode:
        sys.exit("uv.lock does not fit pyproject.toml: run `make lock`, then commit it with the change")


def lock(combination: Combination, folder: Path, *options: str) -> str:
    project = project_of(combination, folder)
    done = uv(project, *options)
    if done.returncode:
        sys.exit(done.stderr)
    text = (project / "uv.lock").read_text()
    others = {found for found in re.findall(r'registry = ".*?"', text) if found != INDEX}
    if others:
        sys.exit(f"uv.lock would name {others.pop()}: unset UV_DEFAULT_INDEX and UV_INDEX, and run it again")
    return text


def uv(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    # UV is set by `uv run`. This Python, because uv would download one where pyenv has it.
    command = [os.environ.get("UV", "uv"), "lock", "--quiet", "--python", sys.executable, *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def project_of(combination: Combination, folder: Path) -> Path:
    answers = dict(zip(QUESTIONS, combination, strict=True))
    return generate(folder / "-".join(combination), project_slug=SLUG, **answers)


def merge(locks: dict[Combination, str]) -> list[Line]:
    """Return each line with the combinations that have it: those of one, in order, are its lock."""
    merged: list[Line] = []
    for combination, text in locks.items():
        lines = text.splitlines(keepends=True)
        matcher = SequenceMatcher(None, [line for line, _ in merged], lines, autojunk=False)
        known, merged = merged, []
        for operation, start, end, first, last in matcher.get_opcodes():
            also = {combination} if operation == "equal" else set()
            merged += [(line, having | also) for line, having in known[start:end]]
            merged += [(line, {combination}) for line in lines[first:last] if not also]
    return merged


def with_conditions(lines: Iterable[Line]) -> Iterator[str]:
    for having, group in itertools.groupby(lines, key=lambda line: line[1]):
        condition = condition_of(having)
        texts = [text for text, _ in group]
        yield from [f"{{% if {condition} %}}\n", *texts, "{% endif %}\n"] if condition else texts


def condition_of(having: set[Combination]) -> str:
    """Return what these combinations have in common, and no other has; nothing if they are all."""
    for place, question in enumerate(QUESTIONS):
        for answer in CHOICES[question]:
            if having == {one for one in COMBINATIONS if one[place] == answer}:
                return f'cookiecutter.{question} == "{answer}"'
    answers = ", ".join(f"cookiecutter.{question}" for question in QUESTIONS)
    return "" if len(having) == len(COMBINATIONS) else f"({answers}) in {sorted(having)}"


def with_slug(text: str) -> str:
    return text.replace(MEMBERS, SORTED_MEMBERS).replace(f'"{SLUG}"', '"{{ name }}"')


def refuse_as_slugs(packages: Iterable[str]) -> None:
    """Put the names into the hook that refuses answers: uv refuses a project that has the name of a package it needs."""
    names = fill(" ".join(sorted(set(packages))), 104, break_on_hyphens=False, break_long_words=False)
    HOOK.write_text(
        re.sub(r'(?s)(?<=^PACKAGES = """\n).*?(?="""$)', f"{names}\n", HOOK.read_text(), flags=re.MULTILINE)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
