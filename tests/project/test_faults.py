"""Some rows of `make faults`, which use what a change of the package or of the project may rename."""

import sys
from pathlib import Path

import pytest
from generation import ROOT
from processes import attempt, environment

ROWS = [
    "test_background_rows.py::test_background_crash",
    "test_database_rows.py::test_gone_at_boot",
    "test_hostile_upstream_rows.py::test_unsolicited_response_at_once",
    "test_leaving_rows.py::test_sigterm_during_start_up[uvicorn]",
    "test_network_rows.py::test_bad_certificate[expired]",
    "test_process_rows.py::test_command",
    "test_process_rows.py::test_start_up_raises[uvicorn]",
    "test_protocol_rows.py::test_offered_upgrade",
    "test_restart_rows.py::test_order_of_the_shutdown[uvicorn]",
    "test_upload_rows.py::test_large_json[5]",
    "test_upstream_rows.py::test_reset_of_a_keyed_post",
]


@pytest.mark.long
@pytest.mark.parametrize("target", ["ours", "plain"])
def test_some_faults(target: str, tmp_path: Path) -> None:
    rows = [f"tests/project/faults/{row}" for row in ROWS]
    options = ["-q", "-n", "0", "--target", target, "--results", str(tmp_path), "-p", "no:cacheprovider"]
    done = attempt([sys.executable, "-m", "pytest", *options, *rows], ROOT, environment(), 900)
    assert done.returncode == 0, done.stdout
    assert len(list((tmp_path / target).glob("*.json"))) == len(ROWS)
