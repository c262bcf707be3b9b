"""What `celery -A` takes."""

import django

django.setup()

from upstreams.tasks.celery.shared import get_app

app = get_app()
