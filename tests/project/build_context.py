"""What the instruction COPY of a Dockerfile does: files of the context and of another stage."""

import shutil
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path


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
    if origin is not None:
        built = stages[origin] / sources[0].lstrip("/")
        if built.is_file():
            shutil.copy(built, into)
        else:
            shutil.copytree(built, into, symlinks=True, dirs_exist_ok=True)
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
