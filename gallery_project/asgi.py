"""The ASGI application: pages and API, sockets, and the channel of the Channels door."""

from __future__ import annotations

import gc
import os
import sys

from channels.routing import ProtocolTypeRouter
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError

from gallery_project.handler import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery_project.settings")
try:
    http = get_asgi_application()  # first: it loads the apps that the imports below need
except (EnvError, ImproperlyConfigured) as error:
    sys.exit(str(error))

from gallery import routing
from gallery.media.pacing import paced
from gallery_project.database import require_database

require_database()

application = ProtocolTypeRouter(
    {
        "http": routing.with_switchboard(paced(http)),
        "websocket": routing.with_switchboard(routing.websockets),
        "channel": routing.channels,
    }
)

# What is loaded by now stays; looking through it again and again for garbage cost a tenth of an array of events.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
