"""What a request costs in instructions, which repeat where seconds do not."""

import json
import platform
import re
import shutil
import sys
from pathlib import Path

import pytest
from generation import ROOT
from processes import environment, run

RECORD = Path(__file__).parent / "instructions" / "record.json"
DRIVE = Path(__file__).parent / "instructions" / "drive.py"
FOLDER = ROOT / "tests" / "package"  # of the test project
FEW, MANY = 100, 300

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed"),
]


def instructions(requests: int, output: Path) -> int:
    command = [
        "valgrind",
        "--tool=callgrind",
        f"--callgrind-out-file={output}",
        sys.executable,
        str(DRIVE),
    ]
    run([*command, str(requests)], FOLDER, environment(PYTHONHASHSEED="0"), 900)
    found = re.search(r"^summary: (\d+)", output.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_a_request_takes_as_many_instructions_as_recorded(tmp_path: Path) -> None:
    # Once without valgrind, which writes the bytecode of all modules.
    run([sys.executable, str(DRIVE), str(MANY)], FOLDER, environment())
    counts = [instructions(number, tmp_path / str(number)) for number in (FEW, MANY)]
    found = (counts[1] - counts[0]) / (MANY - FEW)
    record = json.loads(RECORD.read_text())
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    if record["machine"] != machine:
        pytest.skip(f"recorded with {record['machine']}, this is {machine}: {found:,.0f} instructions")
    assert found == pytest.approx(record["instructions"], rel=0.02)
