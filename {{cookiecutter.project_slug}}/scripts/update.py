"""`make update`: brings the machinery of a newer version of the template, unless somebody has edited it."""

import difflib
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SOURCE, SUMS, PATCH = Path(".cruft.json"), Path(".machinery.sha256"), Path("update.patch")


def main(to: str) -> None:
    source = json.loads(SOURCE.read_text())
    if not source["template"]:
        sys.exit(f'{SOURCE}: write the address of the template\'s repository after "template"')
    template = repository(source["template"])
    to = to or newest_tag(template)
    with TemporaryDirectory() as scratch:
        was = rendered(Path(scratch, "was"), template, source, source["commit"])
        will = rendered(Path(scratch, "will"), template, source, to)
        refuse_what_is_edited(was)
        refuse_what_is_in_the_way(will)
        replace(will)
        # With the answers to questions that this project was never asked.
        source |= {"commit": to, "context": json.loads((will / SOURCE).read_text())["context"]}
        others = patch_of_others(was, will, Path(scratch))
        SOURCE.write_text(json.dumps(source, indent=2, ensure_ascii=False) + "\n")
    print(f"The machinery is that of {to}.", end=" ")
    if others:
        PATCH.write_bytes(others)
        print(f"What else has changed is in {PATCH}: `git apply -3 {PATCH}`, then delete it.", end=" ")
    print("The migration note is in the template's CHANGELOG.md; then run `make check`.")


def repository(template: str) -> str:
    """Of a folder cookiecutter would take what lies there, whatever the version."""
    return f"git+{Path(template).resolve().as_uri()}" if Path(template).is_dir() else template


def newest_tag(template: str) -> str:
    address = template.removeprefix("git+")
    command = ["git", "ls-remote", "--tags", "--refs", "--sort=-version:refname", address, "v*"]
    found = output(command).split("\n", 1)[0].rpartition("/")[2]
    return found or sys.exit(f"{template} has no tag such as v1.2.0; say which commit: make update TO=main")


def rendered(folder: Path, template: str, source: dict, tag: str) -> Path:
    """The project as that version of the template makes it from the recorded answers."""
    answers = [f"{k}={v}" for k, v in source["context"]["cookiecutter"].items() if not k.startswith("_")]
    folder.mkdir(parents=True)
    config = folder / "config.json"
    config.write_text(json.dumps({"replay_dir": str(folder), "cookiecutters_dir": str(folder / "clone")}))
    options = ["--no-input", "--config-file", str(config), "--output-dir", str(folder / "out")]
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        *options,
        "--checkout",
        tag,
        template,
        *answers,
    ]
    output(command)
    return next((folder / "out").iterdir())


def output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).splitlines()
        sys.exit(next((line for line in said if line.startswith("fatal: ")), said[-1]))
    return done.stdout


def sums(folder: Path) -> dict[str, str]:
    lines = (folder / SUMS).read_text().splitlines()
    return {name: value for value, name in (line.split("  ", 1) for line in lines)}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refuse_what_is_edited(was: Path) -> None:
    kept = [(name, value) for name, value in sums(Path()).items() if Path(name).exists()]
    edited = [name for name, value in kept if digest(Path(name)) != value]
    for name in edited:
        before, after = (lines(folder / name) for folder in (was, Path()))
        sys.stdout.writelines(difflib.unified_diff(before, after, f"template/{name}", f"project/{name}"))
    if edited:
        sys.exit(
            f"edited: {', '.join(edited)}; nothing was changed. "
            "Undo it, keep it elsewhere, or have `uvx cruft update` merge"
        )


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines(keepends=True) if path.is_file() else []


def refuse_what_is_in_the_way(will: Path) -> None:
    new = sums(will).keys() - sums(Path()).keys()
    own = sorted(name for name in new if Path(name).exists() and digest(Path(name)) != digest(will / name))
    if own:
        sys.exit(f"the new version has files of these names: {', '.join(own)}; rename yours")


def replace(will: Path) -> None:
    old, new = sums(Path()), sums(will)
    gone = [name for name in old if not Path(name).exists()]
    for name in old.keys() - new.keys() - set(gone):
        Path(name).unlink()
    for name in (*(new.keys() - set(gone)), SUMS.name):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes((will / name).read_bytes())
        Path(name).chmod((will / name).stat().st_mode)


def patch_of_others(was: Path, will: Path, scratch: Path) -> bytes:
    """What the template has changed in files that are the team's, for git to apply."""
    for folder, name in ((was, "a"), (will, "b")):
        for file in (*sums(folder), SUMS.name, SOURCE.name):
            (folder / file).unlink()
        folder.rename(scratch / name)
    command = ["git", "diff", "--no-index", "--no-prefix", "--binary", "a", "b"]
    return subprocess.run(command, cwd=scratch, capture_output=True, check=False).stdout


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
