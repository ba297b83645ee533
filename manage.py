#!/usr/bin/env python
"""Django's command line for the Darkroom project."""

from __future__ import annotations

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["demo"]:  # has settings of its own: nobody's SECRET_KEY or database is asked for
        from gallery_project.demo.launch import main as run_demo

        sys.exit(run_demo(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gallery_project.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import InterfaceError, OperationalError
    from environs import EnvError
    from redis.exceptions import RedisError

    from gallery_project.database import cannot_be_used

    try:
        execute_from_command_line(sys.argv)
    except (EnvError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except (InterfaceError, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(cannot_be_used(error))
    except RedisError as error:  # runworker: whoever supervises it starts it again
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"Redis cannot be used ({str(error).rstrip('.')}). REDIS_URL says where it is.")


if __name__ == "__main__":
    main()
