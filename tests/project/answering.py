"""Runs of the questions, and what they leave."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from generation import ROOT, SOURCE
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

Capture = pytest.CaptureFixture[str]


def type_in(*lines: str, out: Path, more: Iterable[str] = ()) -> subprocess.CompletedProcess[str]:
    config = out.with_name("typed.cookiecutterrc")
    config.write_text(f"replay_dir: {out}.cookiecutterrc.d\n")
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        str(ROOT),
        "--config-file",
        str(config),
        "--output-dir",
        str(out),
        *more,
    ]
    text = "".join(f"{line}\n" for line in lines) + "\n" * 5  # the other questions keep their defaults
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)


def first_line(capfd: Capture) -> str:
    return capfd.readouterr().err.splitlines()[0]


def everything_beside(out: Path) -> list[Path]:
    return [path for path in out.parent.rglob("*") if "cookiecutterrc" not in str(path)]


def traces_of_a_run(out: Path) -> list[Path]:
    return [*out.parent.rglob("pwned*"), *ROOT.glob("pwned*"), *SOURCE.glob("pwned*")]


def read_back(project: Path) -> dict[str, str]:
    """The answers as a TOML reader and a Markdown reader see them."""
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    shown = shown_by(project / "README.md")
    read = {"project_name": shown[0], "description": shown[1], "author": about["authors"][0]["name"]}
    recorded = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    assert (recorded["description"], about["description"]) == (read["description"],) * 2
    assert {**recorded, **read} == recorded
    return read


def shown_by(page: Path) -> list[str]:
    """What a reader of a Markdown page sees, a line for each block; anything but plain text shows as its type."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(dollarmath_plugin)
    blocks = reader.parse(page.read_text())
    return [
        "".join(part.content if part.type == "text" else f"<{part.type}>" for part in block.children or [])
        for block in blocks
        if block.type == "inline"
    ]
