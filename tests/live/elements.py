"""HTML as the page holds it: elements with an id, each with its very bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

VOID = {"img", "input", "br", "hr", "link", "meta", "source", "wbr"}


@dataclass(frozen=True)
class Node:
    """One element of a parsed text: its attributes, where it lies, and the elements in it that have an id."""

    tag: str
    attrs: dict[str, str]
    start: int
    inner_start: int
    children: list[Node] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.ends[0]

    def find(self, dom_id: str) -> Node | None:
        if self.attrs.get("id") == dom_id:
            return self
        return next((found for child in self.children if (found := child.find(dom_id))), None)


class _Parser(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.root = Node("", {}, 0, 0)
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, f"left open: {[node.tag for node in self.open[1:]]}"
        self.root.ends.append(len(text))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        start = self._offset()
        inner_start = start + len(self.get_starttag_text() or "")
        node = Node(tag, {name: value or "" for name, value in attrs}, start, inner_start)
        self.open[-1].children.append(node)
        if tag in VOID:
            node.ends.append(inner_start)
        else:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._close(self.open[-1].inner_start)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self._close(self._offset() + len(tag) + 3)

    def _close(self, end: int) -> None:
        self.open.pop().ends.append(end)


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of a text; its root is no element of it. Fails where tags do not match."""
    return _Parser(text).root


class Element:
    """An element of the page, or a root of a frame. Only ``html`` counts; all else is read from it."""

    def __init__(self, html: str) -> None:
        self.html = html
        [self.node] = parse(html).children

    def attr(self, name: str) -> str | None:
        return self.node.attrs.get(name)

    @property
    def id(self) -> str:
        return self.attr("id") or ""

    @property
    def order(self) -> str:
        return self.attr("data-order") or ""

    @property
    def placeholder(self) -> str:
        return self.attr("data-placeholder") or ""

    @property
    def revision(self) -> int | None:
        value = self.attr("data-revision")
        return None if value is None else int(value)

    @property
    def is_delete(self) -> bool:
        return self.attr("hx-swap-oob") == "delete"

    def inner(self, dom_id: str) -> Element | None:
        """The element with that id inside this one."""
        found = None if dom_id == self.id else self.node.find(dom_id)
        return found and Element(self.html[found.start : found.end])

    def with_inner(self, part: Element) -> Element:
        """This element after ``part`` took the place of its namesake inside."""
        old = self.node.find(part.id)
        assert old is not None
        return Element(self.html[: old.start] + part.html + self.html[old.end :])

    def with_revision(self, revision: int) -> Element:
        head, tail = self.html[: self.node.inner_start], self.html[self.node.inner_start :]
        return Element(re.sub(r'data-revision="\d+"', f'data-revision="{revision}"', head, count=1) + tail)


def roots(html: str, inside: str = "") -> list[Element]:
    """The elements at the top of a text, or the children of the one with the id ``inside``."""
    node: Node | None = parse(html)
    if inside:
        node = node and node.find(inside)
        assert node is not None, f"#{inside} is not there"
    return [Element(html[child.start : child.end]) for child in node.children]
