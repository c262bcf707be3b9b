"""A test runner for `manage.py test`: `TEST_RUNNER = "upstreams.testing.runner.UpstreamsTestRunner"`."""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.management import CommandError
from django.test.runner import DiscoverRunner, ParallelTestSuite

from upstreams.testing.cassettes.marked import require_recording
from upstreams.testing.cassettes.summary import summary
from upstreams.testing.cassettes.unittest_cases import LOG, RECORD
from upstreams.testing.celery_tasks import run_celery_tasks_at_once
from upstreams.testing.complaints import come_first_in_test_cases
from upstreams.testing.mocks import refuse_unmocked
from upstreams.testing.network import refuse_network

_offline: list[ExitStack] = []


def go_offline() -> ExitStack:
    """Refuse connections to other machines and calls to upstreams without a mock, until the stack is closed."""
    stack = ExitStack()
    stack.enter_context(refuse_network())
    stack.enter_context(refuse_unmocked())
    stack.enter_context(come_first_in_test_cases())
    return stack


def _set_up_process(*_: object) -> None:
    _offline.append(go_offline())


class OfflineParallelTestSuite(ParallelTestSuite):
    """Goes offline in each process that is spawned; forked ones inherit it."""

    # Undocumented: Django calls it in each spawned process, before django.setup().
    # testing/test_plain_project.py fails when it is not called.
    process_setup = _set_up_process


class UpstreamsTestRunnerMixin:
    """Keeps the tests of a `DiscoverRunner` on this machine; put it before the runner in the list of bases."""

    parallel_test_suite: type[ParallelTestSuite] = OfflineParallelTestSuite

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the option of cassettes."""
        super().add_arguments(parser)  # type: ignore[misc]
        parser.add_argument(
            "--record",
            action="append",
            default=[],
            metavar="ALIAS",
            help="In tests with upstream_cassette, call this upstream and record its responses.",
        )

    def __init__(self, *, record: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._record = record or []

    def setup_test_environment(self, **kwargs: Any) -> None:
        """Go offline, after Django's own set-up."""
        try:
            require_recording(self._record, "--record")
        except ValueError as error:
            raise CommandError(str(error)) from None
        super().setup_test_environment(**kwargs)  # type: ignore[misc]
        self._offline = go_offline()
        self._offline.enter_context(self._note_cassettes())
        run_celery_tasks_at_once()

    @contextmanager
    def _note_cassettes(self) -> Iterator[None]:
        """Have all processes of the run note their cassettes, and print what is to be said of them at its end."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "cassettes")
            log.touch()
            record = {RECORD: ",".join(self._record)} if self._record else {}
            with mock.patch.dict(os.environ, {LOG: str(log), **record}):
                yield
            why = "no test that ran has upstream_cassette with it"
            for line in summary(log.read_text(encoding="utf-8").splitlines(), self._record, why):
                print(line)

    def teardown_test_environment(self, **kwargs: Any) -> None:
        """Allow connections again, before Django's own tear-down."""
        self._offline.close()
        super().teardown_test_environment(**kwargs)  # type: ignore[misc]


class UpstreamsTestRunner(UpstreamsTestRunnerMixin, DiscoverRunner):
    """Django's test runner, without network access beyond this machine."""
