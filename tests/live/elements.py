"""HTML as the page holds it: elements with an id, each with its very bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import unescape

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


TAG = re.compile(
    r"""<!--.*?-->|<!doctype[^>]*>|<(/?)([a-z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*?)(/?)>""", re.DOTALL | re.IGNORECASE
)
ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


def _attributes(tag: str, text: str) -> dict[str, str]:
    pairs = [(found[1], unescape(found[2] or found[3] or found[4] or "")) for found in ATTRIBUTE.finditer(text)]
    attributes = dict(pairs)
    assert len(attributes) == len(pairs), f"<{tag}> says an attribute twice: {[name for name, _ in pairs]}"
    return attributes


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of a text; its root is no element of it. Fails where tags do not match.

    The pages' own templates are simple: every value is quoted or escaped. Python's parser would take ten times as long.
    """
    root = Node("", {}, 0, 0)
    open_nodes = [root]
    for found in TAG.finditer(text):
        closes, tag, attributes, closes_itself = found.groups()
        if tag is None:  # a comment
            continue
        if closes:
            assert open_nodes[-1].tag == tag, f"</{tag}> closes <{open_nodes[-1].tag}>"
            open_nodes.pop().ends.append(found.end())
            continue
        node = Node(tag, _attributes(tag, attributes), found.start(), found.end())
        open_nodes[-1].children.append(node)
        if closes_itself or tag in VOID:
            node.ends.append(found.end())
        else:
            open_nodes.append(node)
    assert len(open_nodes) == 1, f"left open: {[node.tag for node in open_nodes[1:]]}"
    root.ends.append(len(text))
    return root


class Element:
    """An element of the page, or a root of a frame. Only ``html`` counts; all else is read from it."""

    def __init__(self, html: str, attrs: dict[str, str] | None = None) -> None:
        self.html = html
        self.attrs = self.node.attrs if attrs is None else attrs

    @cached_property
    def node(self) -> Node:
        [node] = parse(self.html).children
        return node

    def attr(self, name: str) -> str | None:
        return self.attrs.get(name)

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
    return [Element(html[child.start : child.end], child.attrs) for child in node.children]
