"""Refuses a bad answer before the next question: in one line, without a traceback, and before a folder is made.

cookiecutter 1.7 cannot import a module of a template. It ends at once, and prints no more than the name of this one.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import jinja2
from cookiecutter import __version__
from cookiecutter.exceptions import FailedHookException, UnknownExtension
from jinja2.ext import Extension

OLDEST = (2, 2)  # before, nobody can see what a key=value was that cookiecutter has rendered
HERE = Path(__file__).parent
RULES = runpy.run_path(str(HERE / "hooks" / "pre_gen_project.py"))
QUESTIONS = json.loads((HERE / "cookiecutter.json").read_text(encoding="utf-8")).values()


class Answers(Extension):
    """Makes cookiecutter look at the answers whenever it renders: the next question, the name of the folder."""

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(environment)
        if tuple(map(int, __version__.split(".")[:2])) < OLDEST:
            raise UnknownExtension(
                f"cookiecutter {__version__} is too old for this template, which needs 2.2: type `uvx cookiecutter`"
            )
        environment.template_class = Template

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Note that an answer given as key=value is rendered, so that it is not taken for what was given."""
        if name is None and RULES["TEMPLATE"].search(source) and source not in QUESTIONS:
            self.environment.globals["renders_an_answer"] = True
        return source


class Template(jinja2.Template):
    """A template that is rendered with good answers alone."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        context = dict(*args, **kwargs)
        answers = context["cookiecutter"]
        complaint = RULES["complaint_about"](answers, context.get("_cookiecutter", {}))
        # _template is there once all questions have been asked.
        if complaint and ("_template" in answers or "renders_an_answer" not in self.globals):
            print(complaint, file=sys.stderr)
            raise FailedHookException("no project was made")  # which ends cookiecutter without a traceback
        return super().render(context)
