"""A machine of small scripts, which is all that scripts/uv gets to see: nothing is downloaded."""

import shutil
import subprocess
import sys
from pathlib import Path

from generation import SOURCE

NEEDED = ["sh", "cut", "dirname", "grep", "mv", "rm", "sort", "tail"]
BROKEN = "#!/bin/sh\nexit 127\n"
# Tells which Python it was given and what it was asked to do.
UV = '#!/bin/sh\n[ "$1" = --version ] && echo "uv {version} (test)" || echo "{version} ${{UV_PYTHON-none}} ${{VIRTUAL_ENV-none}} $*"\n'
# A real Python that says it is another one.
PYTHON = """#!{real}
import collections, sys
Version = collections.namedtuple("Version", "major minor micro releaselevel serial")
sys.version_info = Version({version}, "{level}", 0)
sys.executable = {name!r}
code = sys.argv.index("-c") + 1
sys.argv = sys.argv[code:]
exec(sys.argv[0])
"""
# A python3 whose pip installs the given uv, wherever --target says.
PIP = f"""#!/bin/sh
[ "$3" = --version ] && exit
while [ "$1" != --target ]; do shift; done
[ "$3" = "uv>=0.9,<1" ] && {shutil.which("mkdir")} -p "$2/bin" && {shutil.which("cp")} {{uv}} "$2/bin/uv"
"""
ADD = f"{shutil.which('mkdir')} -p {{folder}}/.uv/bin && {shutil.which('cp')} {{uv}} {{folder}}/.uv/bin/uv\n"


class Machine:
    """A folder that is all the script gets to see of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "project" / "scripts" / "uv"
        self.path = [folder / "first", folder / "second", folder / "tools"]
        for place in (*self.path, self.script.parent, folder / "elsewhere"):
            place.mkdir(parents=True)
        shutil.copy(SOURCE / "scripts" / "uv", self.script)
        for tool in NEEDED:
            (folder / "tools" / tool).symlink_to(shutil.which(tool) or tool)

    def has(self, name: str, text: str) -> Path:
        program = self.folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
        return program

    def has_python(self, name: str, version: tuple[int, int, int], level: str = "final") -> Path:
        program = self.folder / name
        numbers = ", ".join(map(str, version))
        return self.has(
            name, PYTHON.format(real=sys.executable, version=numbers, level=level, name=str(program))
        )

    def has_environment(self, version: tuple[int, int, int]) -> Path:
        """The project's own, which looks as uv leaves one."""
        self.has("project/pyproject.toml", "")
        self.has("project/.venv/pyvenv.cfg", "")
        self.has("project/.venv/bin/activate", f"VIRTUAL_ENV='{self.folder}/project/.venv'\n")
        return self.has_python("project/.venv/bin/python", version)

    def folders(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "project").iterdir())

    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder / "home"), "PATH": ":".join(map(str, self.path))}

    def run(self, *arguments: str, cwd: str = "project", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.script, *arguments],
            cwd=self.folder / cwd,
            env={**self.environment(), **env},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
