"""The demo: a gallery with a worker that renders real pictures. Nothing of it belongs to the installable app."""

from __future__ import annotations
