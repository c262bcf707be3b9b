"""What the instruction COPY of a Dockerfile does: files of the context, of another stage, of the image of uv."""

import shutil
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from processes import environment


def copy(words: list[str], context: Path, stages: Mapping[str, Path], root: Path, workdir: str) -> None:
    """Does what COPY does.

    Args:
        words: of the instruction.
        context: the folder that is built.
        stages: name -> root.
        root: what is copied into.
        workdir: its working directory.
    """
    *sources, target = [word for word in words if not word.startswith("--")]
    into = root / Path(workdir, target).relative_to("/")
    origin = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), None)
    if origin is not None and origin in stages:
        shutil.copytree(stages[origin] / sources[0].lstrip("/"), into, symlinks=True, dirs_exist_ok=True)
    elif origin is not None:
        assert "astral-sh/uv" in origin, f"tests/project/build_context.py does not know {origin}"
        uv = shutil.which("uv", path=environment()["PATH"]) or ""
        shutil.copy(uv, into)
    else:
        ignored = (context / ".dockerignore").read_text().splitlines()
        for source in sources:
            copy_from_context(context, context / source, into, ignored)


def copy_from_context(context: Path, source: Path, into: Path, ignored: list[str]) -> None:
    if source.is_file():
        into.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, into / source.name)
        return

    def left_out(folder: str, names: list[str]) -> list[str]:
        where = Path(folder).relative_to(context)
        return [name for name in names if any(matches(str(where / name), pattern) for pattern in ignored)]

    shutil.copytree(source, into, ignore=left_out, dirs_exist_ok=True, symlinks=True)


def matches(path: str, pattern: str) -> bool:
    everywhere = pattern.startswith("**/")
    return fnmatch(Path(path).name if everywhere else path, pattern.removeprefix("**/"))
