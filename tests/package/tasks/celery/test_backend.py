"""What a backend refuses to be made of."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from upstreams.tasks.celery.backend import CeleryBackend


@pytest.mark.parametrize(
    "more", [{"OPTIONS": {"PREFIX": "team."}}, {"QUEUES": ["default", "team.late"]}], ids=str
)
def test_names_that_would_share_what_is_delayed_are_refused(more):
    with pytest.raises(
        ImproperlyConfigured, match=r'^TASKS\["late"\]: write \'team\..*\' without dots, as in'
    ):
        CeleryBackend("late", more)
