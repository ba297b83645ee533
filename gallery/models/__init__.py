"""What is kept. Fields, constraints, querysets and predicates; what happens is in ``gallery.services``."""

from __future__ import annotations

from gallery.models.batch import Batch, BatchSlot
from gallery.models.command import Command
from gallery.models.folder import Folder, Membership
from gallery.models.generator_run import GeneratorRun
from gallery.models.item import Item
from gallery.models.lock import ItemLock
from gallery.models.mass_action import MassAction
from gallery.models.partial_upload import PartialUpload
from gallery.models.receipt import EventReceipt
from gallery.models.search import SearchDocument, SearchProgress
from gallery.models.system_message import SiteRevision, SystemMessage
from gallery.models.tag import ItemTag
from gallery.models.token import WorkerToken
from gallery.models.tombstone import Tombstone

__all__ = [
    "Batch",
    "BatchSlot",
    "Command",
    "EventReceipt",
    "Folder",
    "GeneratorRun",
    "Item",
    "ItemLock",
    "ItemTag",
    "MassAction",
    "Membership",
    "PartialUpload",
    "SearchDocument",
    "SearchProgress",
    "SiteRevision",
    "SystemMessage",
    "Tombstone",
    "WorkerToken",
]
