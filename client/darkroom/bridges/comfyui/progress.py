"""How far a run is, from what its nodes say.

Newer versions tell of all nodes at once (``progress_state``, ComfyUI's ``comfy_execution/progress.py``); older ones say
which node goes on (``executing``, ``execution.py``) and how far that one is (``progress``, ``main.py``). Each message
only leaves its facts here, for there may be hundreds a second; they are put together when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from darkroom.bridges.comfyui.messages import Message
from darkroom.bridges.comfyui.workflow import Workflow

ALMOST = 99  # percent: the last one is the end's
UNHEARD = "Running in ComfyUI, steps unknown"  # it tells them only to whoever started it


class Progress:
    """Never goes back."""

    def __init__(self, workflow: Workflow, unheard: str = UNHEARD) -> None:
        self._workflow, self._unheard = workflow, unheard
        self.cached: set[str] = set()
        self.knows_cached = False
        self._done: set[str] = set()
        self._states: Mapping[str, Any] = {}
        self._node: str | None = None
        self._shown: str | None = None
        self._value: tuple[Any, Any] = (0, 1)
        self._percent = 0

    def hear(self, message: Message) -> bool:
        """Whether it said that the run goes on."""
        data = message.data
        match message.type:
            case "progress_state" if isinstance(data.get("nodes"), dict):
                self._states = data["nodes"]
            case "progress":
                self._go_to(data.get("node"))
                self._value = (data.get("value"), data.get("max"))
            case "executing":
                if data.get("node") is None:
                    return False  # it is over, and the pull side says how
                self._go_to(data.get("node"), data.get("display_node"))
            case "execution_cached":
                self.note_cached(data.get("nodes"))
            case "execution_start":
                pass
            case _:
                return False
        return True

    def note_cached(self, nodes: Any) -> None:
        """These will not run: ComfyUI has their results from before."""
        self.knows_cached = True
        self.cached.update(str(node) for node in nodes or () if isinstance(node, str | int))

    def now(self) -> tuple[int | None, str]:
        """Percent (None: nobody knows) and a line for a person."""
        done, parts, line = set(self._done), 0.0, ""
        for node, state in self._states.items():
            if not isinstance(state, dict):
                continue
            if state.get("state") == "finished":
                done.add(node)
            elif state.get("state") == "running":
                value = state.get("value"), state.get("max")
                if node == self._node and _part(*self._value) > _part(*value):
                    value = self._value  # ``progress`` was quicker
                parts += _part(*value) if node in self._workflow.nodes else 0.0
                line = self._line(state.get("display_node_id") or node, *value)
                if isinstance(state.get("activity"), str):
                    line += f" ({state['activity'][:40]})"
        if not self._states and self._node is not None:
            parts = _part(*self._value)
            line = self._line(self._shown or self._node, *self._value)
        if not line and not done:
            return None, "Starting" if self.knows_cached else self._unheard
        return self._rise(done | self.cached, parts), line or "Finishing"

    def _rise(self, done: Iterable[str], parts: float) -> int | None:
        """Inner nodes of an expanded one are not in the prompt, and do not count."""
        nodes = self._workflow.nodes
        if not nodes:
            return None
        finished = sum(node in nodes for node in done)
        self._percent = max(self._percent, min(ALMOST, int(100 * (finished + parts) / len(nodes))))
        return self._percent

    def _go_to(self, node: Any, shown: Any = None) -> None:
        if node is None or str(node) == self._node:
            return
        if self._node is not None:
            self._done.add(self._node)
        self._node, self._shown, self._value = str(node), str(shown) if shown else None, (0, 1)
        self._done.discard(self._node)

    def _line(self, node: Any, value: Any, most: Any) -> str:
        title = self._workflow.title(node)
        if _is_number(value) and _is_number(most) and most > 1:
            return f"{title} {int(value)}/{int(most)}"
        return title


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _part(value: Any, most: Any) -> float:
    if not _is_number(value) or not _is_number(most) or most <= 0:
        return 0.0
    return min(1.0, max(0.0, float(value / most)))
