"""The commands of ``darkroom``: one module for each, with ``HELP``, ``add_arguments(parser)`` and ``run(options)``."""
