"""The background tasks: each is one line that calls one service. ``gallery.task_queue`` enqueues them by their names.

A task may be run twice, or begin anew after its worker was killed: the service it calls notes its place in the
transaction that does the work, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gallery.conf import conf

try:
    from django.tasks import task
except ImportError:  # Django 5.2: the same, as a package of its own
    from django_tasks import task


def in_background(service: Callable[..., Any]) -> Any:
    """Make a task of a function of this module, for the backend that the project has chosen."""
    return task(backend=conf.TASKS_BACKEND)(service)
