"""Measurements, each beside a yardstick from the same run: ``make bench``. No part of ``make test``."""
