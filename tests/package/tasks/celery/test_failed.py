"""Tasks whose last attempt failed: a person sends them again."""

import pytest
from django.tasks import task_backends
from django.utils import timezone
from testproject.favourites.tasks import announce
from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.tasks.celery.message import Message
from upstreams.tasks.celery.models import Failed

CELERY = "upstreams.tasks.celery.CeleryBackend"


@pytest.fixture
def configure(settings, broker_url, prefix):
    """Puts the broker into settings.TASKS."""

    def configure(alias):
        settings.TASKS = {alias: {"BACKEND": CELERY, "OPTIONS": {"URL": broker_url, "PREFIX": prefix}}}

    yield configure
    for backend in task_backends.all():
        backend.broker.close()


@pytest.fixture
def kept(db):
    """A task that has failed."""
    now = timezone.now().isoformat()
    message = Message(
        id="6f2a5c1e-0d35-4c1b-9a9e-6d5b7f0e3a11",
        path=announce.module_path,
        args=[1],
        kwargs={},
        queue="default",
        priority=0,
        enqueued_at=now,
        due=now,
        carrier={},
        workers=["a", "b"],
    )
    return Failed.objects.create(
        id=message.id, path=message.path, backend="default", message=message.json(), error="e", traceback="t"
    )


def test_a_failed_task_is_sent_again_from_the_admin(kept, configure, backend, admin_client):
    configure("default")
    chosen = {"action": "send_again", "_selected_action": str(kept.pk)}
    admin_client.post("/admin/upstreams_tasks_celery/failed/", chosen)
    assert (backend.broker.queued()["default"], Failed.objects.count()) == (1, 0)


def test_a_failed_task_is_sent_again_through_the_broker_that_has_another_alias_now(kept, configure, backend):
    configure("old")
    kept.send_again()
    assert (backend.broker.queued()["default"], Failed.objects.count()) == (1, 0)


def test_a_failed_task_stays_when_the_broker_does_not_accept_it(kept, settings, admin_client):
    settings.TASKS = {"default": {"BACKEND": CELERY, "OPTIONS": {"URL": "amqp://me:secret@127.0.0.1:1//"}}}
    chosen = {"action": "send_again", "_selected_action": str(kept.pk)}
    response = admin_client.post("/admin/upstreams_tasks_celery/failed/", chosen, follow=True)
    assert "does not accept it" in response.text
    assert Failed.objects.count() == 1


def test_a_failed_task_stays_when_there_is_no_broker_any_more(kept):
    with pytest.raises(EnqueueFailed, match=r"announce: no backend in settings\.TASKS is a CeleryBackend$"):
        kept.send_again()
    assert Failed.objects.count() == 1
