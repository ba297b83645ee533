"""The background tasks: each is one line that calls one service. ``gallery.task_queue`` enqueues them by their names.

A task may be run twice, or begin anew after its worker was killed: the service it calls notes its place in the
transaction that does the work, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.utils.translation import override

from gallery.conf import conf
from gallery.generators import runs
from gallery.services import mass_work, renditions
from gallery.views.selection import find_selected

try:
    from django.tasks import task
except ImportError:  # Django 5.2: the same, as a package of its own
    from django_tasks import task


def in_background(service: Callable[..., Any]) -> Any:
    """Make a task of a function of this module, for the backend that the project has chosen.

    What it keeps is for everybody, so it speaks the site's language, also where it is done inside somebody's request.
    """

    @wraps(service)
    def work(*arguments: Any) -> None:
        with override(settings.LANGUAGE_CODE):
            service(*arguments)

    return task(backend=conf.TASKS_BACKEND)(work)


@in_background
def carry_on_mass_action(action_id: str) -> None:
    """An action on many items, from where it is."""
    mass_work.carry_on(action_id, find_selected)


@in_background
def render_item(item_id: str) -> None:
    """A version for browsers of a video that they do not play."""
    renditions.render_item(item_id)


@in_background
def run_generator(batch_id: str) -> None:
    """What somebody asked of a generator."""
    runs.do_run(batch_id)
