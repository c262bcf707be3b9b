"""Views that receive webhooks: which requests reach them, and what is kept of them."""

from datetime import timedelta

import pytest
from django.core import checks
from django.core.management import call_command
from django.utils import timezone
from testproject.favourites.models import Favourite
from upstreams.contrib.webhooks.models import ReceivedWebhook
from upstreams.tasks.prune import prune
from upstreams.testing import sign_webhook

from contrib.webhooks.conftest import NEW

pytestmark = pytest.mark.usefixtures("sources")


@pytest.fixture(params=["async", "sync"])
def send(request, async_db, aclient):
    async def send(body=b"work", headers=None, **more):
        headers = sign_webhook("billing", body, **more) if headers is None else headers
        return await aclient.post(f"/{request.param}/ada", content=body, headers=headers)

    return send


async def kept():
    return await ReceivedWebhook.objects.acount(), await Favourite.objects.acount()


async def test_a_webhook_is_received_with_its_task(send, tasks):
    response = await send(webhook_id="msg_1")
    assert (response.status_code, response.content) == (202, b"")
    assert [result.args for result in tasks.enqueued] == [["msg_1"]]
    assert [(row.source, row.webhook_id) async for row in ReceivedWebhook.objects.all()] == [
        ("billing", "msg_1")
    ]
    assert [row.author async for row in Favourite.objects.all()] == ["ada"]


async def test_a_webhook_that_is_sent_again_is_received_once(send, tasks):
    assert [(await send(webhook_id="msg_1")).status_code for _ in range(3)] == [202] * 3
    assert (len(tasks.enqueued), await kept()) == (1, (1, 1))


async def test_another_id_is_another_webhook(send, tasks):
    await send()
    await send()
    assert (len(tasks.enqueued), await kept()) == (2, (2, 2))


@pytest.mark.parametrize(("body", "status"), [(b"raise", 500), (b"refuse", 503)])
async def test_what_fails_is_rolled_back_and_may_come_again(send, tasks, body, status):
    response = await send(body, webhook_id="msg_1")
    assert (response.status_code, len(tasks.enqueued), await kept()) == (status, 0, (0, 0))
    assert (await send(webhook_id="msg_1")).status_code == 202
    assert (len(tasks.enqueued), await kept()) == (1, (1, 1))


async def test_a_view_may_respond_itself(send):
    response = await send(b"created")
    assert (response.status_code, response.content, await kept()) == (201, b"the view's", (1, 1))


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"webhook-id": ""}, 400, "webhook-id: is missing"),
        ({"webhook-id": "msg_2"}, 401, "webhook-signature: no signature matches"),
    ],
)
async def test_a_request_that_is_no_webhook_is_a_problem(send, tasks, change, status, detail):
    response = await send(headers=sign_webhook("billing", b"work", webhook_id="msg_1") | change)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["detail"]) == (status, detail)
    assert (tasks.enqueued, await kept()) == ([], (0, 0))


@pytest.mark.parametrize("path", ["/async/ada", "/sync/ada"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_is_allowed(aclient, path, method):
    response = await aclient.request(method, path, headers=sign_webhook("billing", b""))
    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


async def test_a_large_body_is_refused(send, settings):
    settings.UPSTREAMS_LIMITS = settings.UPSTREAMS_LIMITS | {"MAX_BODY_SIZE": 1000}
    assert (await send(b"a" * 1001)).status_code == 413


async def test_a_browser_needs_no_csrf_token(send):
    headers = sign_webhook("billing", b"a=b") | {"content-type": "application/x-www-form-urlencoded"}
    assert (await send(b"a=b", headers)).status_code == 202


def test_an_unknown_source_is_named_by_a_check(settings):
    found = [
        message.msg for message in checks.run_checks(tags=["upstreams"]) if message.id == "upstreams.E036"
    ]
    assert found == ["@webhook(\"biling\"): is not in UPSTREAMS_WEBHOOKS; did you mean 'billing'?"]
    settings.UPSTREAMS_WEBHOOKS = {name: {"SECRETS": [NEW]} for name in ("billing", "biling", "n" * 101)}
    found = [
        message.msg for message in checks.run_checks(tags=["upstreams"]) if message.id == "upstreams.E036"
    ]
    assert found == ["UPSTREAMS_WEBHOOKS: a name has at most 100 characters, not 101"]


CELERY = {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": {"URL": "amqp://127.0.0.1:1//"}}
DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend"}


class ElsewhereRouter:
    def db_for_write(self, model, **_):
        return "elsewhere" if model._meta.app_label == "django_tasks_database" else None


@pytest.mark.parametrize(
    ("backend", "routers", "says"),
    [
        (DATABASE, [], []),
        ({**CELERY, "OPTIONS": {**CELERY["OPTIONS"], "OUTBOX": True}}, [], []),
        (CELERY, [], ['sends tasks after the commit, and webhooks are recorded in "default"']),
        (
            DATABASE,
            [ElsewhereRouter()],
            ['is in the database "elsewhere", and webhooks are recorded in "default"'],
        ),
        ({"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}, [], []),
    ],
    ids=["database", "outbox", "broker", "another database", "immediate"],
)
def test_a_queue_that_a_crash_may_lose_tasks_of_is_named(settings, backend, routers, says):
    settings.TASKS = {"default": backend}
    settings.DATABASE_ROUTERS = routers
    found = [
        message.msg for message in checks.run_checks(tags=["upstreams"]) if message.id == "upstreams.W014"
    ]
    assert [message.partition(": ")[2].partition(": a crash")[0] for message in found] == says


@pytest.mark.django_db
def test_old_ids_are_deleted(settings):
    settings.UPSTREAMS_WEBHOOKS = {
        "billing": {"SECRETS": [NEW], "RETENTION": 86400},
        "long": {"SECRETS": [NEW], "RETENTION": 100 * 86400},
    }
    for source, days in [("billing", 0), ("billing", 2), ("long", 15), ("gone", 13), ("gone", 15)]:
        ReceivedWebhook.objects.create(source=source, webhook_id=f"{days}")
        row = ReceivedWebhook.objects.filter(source=source, webhook_id=f"{days}")
        row.update(received=timezone.now() - timedelta(days=days))
    prune.func()
    left = ReceivedWebhook.objects.values_list("source", "webhook_id")
    assert sorted(left) == [("billing", "0"), ("gone", "13"), ("long", "15")]


@pytest.mark.django_db
def test_migrations_hold_the_models():
    for label in ("upstreams_webhooks", "upstreams_idempotency"):
        call_command("makemigrations", label, check=True, dry_run=True, verbosity=0)
