"""Tasks that cannot succeed fail visibly, and harm no other. Real processes."""

import json

import pytest

from tasks.log_lines import assert_success, line, wait_for_line

pytestmark = pytest.mark.processes


def test_a_task_whose_queue_is_gone_fails_visibly_and_harms_no_other(queue, start, results):
    queue("enqueue", "recur", "[]", "1")
    queue("move", "gone")
    queue("enqueue", "recur", "[]", "1")
    worker = start()
    ended = ("failed at its last attempt", '"outcome":"succeeded"')
    assert "InvalidTask" in "".join(wait_for_line(worker, *ended) for _ in ended)
    worker.terminate()
    assert_success(worker)
    assert [(one["status"], one["attempts"]) for one in results()] == [("FAILED", 3), ("SUCCESSFUL", 1)]


def test_a_task_that_fails_is_tried_again(queue, start, results):
    queue("enqueue", "fail_twice", "[]", "1")
    worker = start()
    assert [line(worker) for _ in range(3)] == ["attempt 1", "attempt 2", "attempt 3"]
    worker.terminate()
    assert_success(worker)
    assert [(one["status"], one["return_value"]) for one in results()] == [("SUCCESSFUL", "at last")]


def test_a_poison_task_fails_visibly_and_harms_no_other(queue, start, results):
    queue("enqueue_all", '[["fail", []], ["exit_the_process", []], ["return_a_set", []]]')
    worker = start()
    for _ in range(3):
        wait_for_line(worker, "failed at its last attempt")
    queue("enqueue", "take", "[0]", "1")
    assert line(worker) == "started"
    assert line(worker) == "ended"
    worker.terminate()
    assert_success(worker)
    *poison, other = results()
    assert [(one["status"], one["attempts"], one["exception_class_path"]) for one in poison] == [
        ("FAILED", 3, "builtins.LookupError"),
        ("FAILED", 3, "builtins.SystemExit"),
        ("FAILED", 3, "builtins.TypeError"),
    ]
    assert other["status"] == "SUCCESSFUL"


def test_errors_that_cannot_be_written_down_lose_no_task_and_end_no_worker(queue, start, results):
    kinds = ["nul", "surrogate", "str", "repr", "recursion", "digits"]
    calls = [("fail_unwritably", [kind]) for kind in kinds]
    calls += [("return_unwritably", [kind]) for kind in ("nul", "surrogate", "infinity", "digits")]
    queue("enqueue_all", json.dumps(calls))
    worker = start()
    for _ in calls:
        wait_for_line(worker, "failed at its last attempt")
    worker.terminate()
    assert_success(worker)
    assert [(one["status"], one["attempts"]) for one in results()] == [("FAILED", 3)] * len(calls)


def test_a_wait_without_an_end_is_a_day(queue, start, results):
    queue("enqueue", "fail_unwritably", '["retry_after"]', "1")
    queue("enqueue", "fail_unwritably", '["infinity"]', "1")
    assert_success(start("--batch"))
    assert [(one["status"], one["attempts"]) for one in results()] == [("READY", 1)] * 2


def test_a_task_whose_code_is_gone_fails_visibly(queue, start, results):
    queue("enqueue", "fail", "[]", "1")
    queue("rename", "testproject.workers.tasks.gone")
    worker = start()
    wait_for_line(worker, "failed at its last attempt")
    worker.terminate()
    assert_success(worker)
    assert [(one["status"], one["exception_class_path"]) for one in results()] == [
        ("FAILED", "builtins.ImportError")
    ]
