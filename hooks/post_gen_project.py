"""Puts the files of the chosen answers in place, and says what to type next."""

import json
import shutil
from pathlib import Path

ANSWERS = json.loads(r"""{{ cookiecutter | jsonify }}""")
VARIANTS = Path("_variants")

# The default answers' files lie in place. Question -> answer -> what of theirs it has no use for.
REMOVED = {
    "task_queue": {
        "celery": ["tests/worker/queue.py"],
    },
}


def main() -> None:
    for question, answers in REMOVED.items():
        answer = ANSWERS[question]
        for name in answers.get(answer, []):
            remove(Path(name))
        put_in_place(VARIANTS / question / answer)
    remove(VARIANTS)
    print(f"Next:\n    cd {ANSWERS['project_slug']}\n    make dev")


def put_in_place(chosen: Path) -> None:
    """Moves files to the same place in the project; what stood there is replaced."""
    for file in [path for path in chosen.rglob("*") if path.is_file()]:
        target = file.relative_to(chosen)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def remove(path: Path) -> None:
    """Update tools run this hook twice: what is gone already is no error."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


main()
