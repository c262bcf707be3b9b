import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from servers import set_ups
from servers.calls import write_files
from servers.programs import OTHER


@pytest.fixture(scope="module")
def folder():
    """The files that servers send, their configurations and logs; not below `tmp_path`, which is closed to others."""
    with TemporaryDirectory() as name:
        path = Path(name) / "static"
        path.mkdir()
        write_files(path)
        if OTHER:
            shutil.chown(name, OTHER)
            shutil.chown(path, OTHER)
        yield path


@pytest.fixture
def start():
    """Starts a program; it ends with the test."""
    with ExitStack() as stack:

        def start(make, *where, **keys):
            program = make(*where, **keys)
            stack.callback(program.stop)
            return program

        yield start


@pytest.fixture
def origin(folder, start):
    """What sends the files in each framing, behind other servers."""
    return start(set_ups.origin, folder)
