"""The Python client, a distribution of its own in ``client/``."""
