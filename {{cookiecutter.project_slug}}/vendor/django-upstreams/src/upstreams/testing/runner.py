"""A test runner for `manage.py test`: `TEST_RUNNER = "upstreams.testing.runner.UpstreamsTestRunner"`."""

from contextlib import ExitStack
from typing import Any

from django.test.runner import DiscoverRunner, ParallelTestSuite

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

    def setup_test_environment(self, **kwargs: Any) -> None:
        """Go offline, after Django's own set-up."""
        super().setup_test_environment(**kwargs)  # type: ignore[misc]
        self._offline = go_offline()
        run_celery_tasks_at_once()

    def teardown_test_environment(self, **kwargs: Any) -> None:
        """Allow connections again, before Django's own tear-down."""
        self._offline.close()
        super().teardown_test_environment(**kwargs)  # type: ignore[misc]


class UpstreamsTestRunner(UpstreamsTestRunnerMixin, DiscoverRunner):
    """Django's test runner, without network access beyond this machine."""
