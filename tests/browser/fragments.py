"""Fragments in the shape of the gallery's own, for tests of the scripts alone."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "gallery"


def order(place: int, slot: int = 0) -> str:
    """A ``data-order``: a higher ``place`` stands further up."""
    return f"{place:017d}!B!{9_999_999 - slot:07d}!"


def card(
    item: str,
    place: int,
    revision: int = 1,
    *,
    created: int | None = None,
    state: str = "finished",
    placeholder: str = "",
    name: str = "",
    inside: str = "",
    slot: int = 0,
    kind: str = "image",
) -> str:
    """``_item.html``: with its progress while it develops, and always with its lock."""
    name = name or f"Picture {item}"
    veil = progress(item, revision) if state in ("developing", "stalled") else ""
    return (
        f'<article id="item-{item}" class="item item--{state} item--{kind}" data-revision="{revision}"'
        f' data-created-revision="{revision if created is None else created}" data-order="{order(place, slot)}{item}"'
        f' data-placeholder="{placeholder}" data-name="{name}">'
        f'<a class="item__link" href="/items/{item}/" aria-label="{name}"></a>{veil}'
        f'<label class="item__check">'
        f'<input class="item__box" type="checkbox" form="actions" name="item" value="{item}">'
        f"<span>Select {name}</span></label>"
        f'<div class="item__caption"><span class="item__name">{name}</span></div>'
        f'<div class="item__actions"><a href="/items/{item}/#name" data-rename="{item}" title="Rename">Rename</a>'
        f'<button form="actions" formaction="/items/{item}/remove/" hx-post="/items/{item}/remove/">Remove</button>'
        "</div>"
        f"{lock(item, revision)}{inside}</article>"
    )


def progress(item: str, revision: int, fraction: float = 0.1, message: str = "Developing") -> str:
    return (
        f'<div id="item-{item}-progress" class="developing" data-revision="{revision}" style="--progress:{fraction}">'
        f'<p class="developing__message">{message}</p></div>'
    )


def lock(item: str, revision: int, holder: str = "", who: str = "", expires: str = "") -> str:
    if not holder:
        return f'<div id="lock-{item}" class="lock" data-revision="{revision}" hidden></div>'
    return (
        f'<div id="lock-{item}" class="lock" data-revision="{revision}" data-holder="{holder}"'
        f' data-expires-at="{expires}" title="{who} is editing this"><span class="lock__name">{who}</span></div>'
    )


def placeholder(slot: int, place: int, revision: int = 1, *, batch: str = "b", message: str = "") -> str:
    return (
        f'<div id="placeholder-{batch}-{slot}" class="item item--placeholder" data-revision="{revision}"'
        f' data-order="{order(place, slot)}"><span class="item__number">{slot + 1}</span>{message}</div>'
    )


def batch(name: str, place: int, revision: int = 1, *, status: str = "running", count: str = "0 of 8") -> str:
    return (
        f'<div id="batch-{name}" class="batch batch--{status}" data-revision="{revision}" data-order="{order(place)}"'
        f' role="group" aria-label="{name}"><span class="batch__label">{name}</span>'
        f'<span class="batch__count">{count}</span></div>'
    )


def folder(name: str, place: int, revision: int = 1) -> str:
    return (
        f'<a id="folder-{name}" class="folder" href="/folders/{name}/" data-revision="{revision}"'
        f' data-order="{order(place)}">{name} {revision}</a>'
    )


def delete(dom_id: str, revision: int) -> str:
    return f'<div id="{dom_id}" hx-swap-oob="delete" data-revision="{revision}"></div>'


def revision(number: int) -> str:
    return f'<div id="revision" data-revision="{number}" hidden></div>'


def reset(number: int, *, now: bool = True) -> str:
    return f'<div id="reset" data-revision="{number}"{" data-now" if now else ""} hidden></div>'


def messages(number: int, *texts: str) -> str:
    inside = "".join(f'<div id="message-{text}" class="message">{text}</div>' for text in texts)
    return f'<div id="messages" data-revision="{number}">{inside}</div>'


def notice(code: str, sentence: str) -> str:
    return (
        f'<div id="notice" class="notice" role="alert" data-code="{code}"><p class="notice__text">{sentence}</p></div>'
    )


def selection(count: str = "") -> str:
    """``folder/_selection.html``; ``count``: where the server is asked how many "all" are."""
    return (
        f'<div id="selection" class="selection" role="region" aria-label="Selection" data-count="{count}">'
        '<button type="reset" form="actions" data-selection="clear">Clear</button>'
        '<p class="selection__count"><b class="selection__number"></b> selected</p>'
        '<button type="button" data-selection="all" class="selection__all">Select all</button>'
        '<p class="selection__note"></p><div class="selection__actions">'
        '<button type="button" data-action="rename">Rename</button>'
        '<button type="button" data-action="retry">Retry</button>'
        '</div><details class="menu selection__more" hidden><summary>More</summary><div class="menu__panel"></div>'
        '</details><span id="selected-word" hidden>Selected</span></div>'
    )


def lightbox() -> str:
    """``folder/_lightbox.html``, whose names are what the scripts know."""
    html = (TEMPLATES / "folder" / "_lightbox.html").read_text()
    return re.sub(r"{%.*?%}|{#.*?#}", "", html)


def detail(item: str, revision: int = 1, *, stage: str = "", facts: str = "") -> str:
    """``item/_detail.html``: where the viewer finds the file and the facts."""
    stage = stage or f'<img class="stage__picture" src="/media/{item}" width="400" height="300" alt="{item}">'
    return (
        f'<article id="detail" data-item="{item}" data-card="item-{item}" data-revision="{revision}">'
        f'<div class="stage">{stage}</div><div class="detail__side"><dl class="facts"><div><dt>Seed</dt>'
        f"<dd>{facts or item}</dd></div></dl>"
        f'<div class="detail__actions"><a href="/media/{item}" download>Original</a></div></div></article>'
    )


def grid(
    *cards: str,
    arrivals: str = "insert",
    cursor: str = "",
    page_size: int = 0,
    filtered: bool = False,
    begins_after: str | None = None,
    days: bool = False,
    sort: str = "",
    cursors: str = "",
    above: int = 0,
    so_far: bool = False,
) -> str:
    """``#grid`` with the pagers; no page size: nothing is loaded by itself."""
    link = f'<a href="?cursor={cursor}">Show older</a>' if cursor else ""
    order = f' data-sort="{sort}" data-cursors="{cursors}" data-above="{above}"' if sort else ""
    begins = "" if begins_after is None else f' data-begins-after="{begins_after}"'
    return (
        f'<p id="newer"{"" if begins_after else " hidden"}><a href="?before=nothing">Show newer</a></p>'
        f'<section id="grid" data-arrivals="{arrivals}" data-page-size="{page_size}"{begins}'
        f"{' data-filtered' if filtered else ''}"
        f"{' data-days' if days else ''}"
        f"{order}>{''.join(cards)}</section>"
        f'<div id="empty"><p class="empty__title">{"So far nothing." if so_far else "Nothing."}</p></div>'
        f'<p id="pager"{" data-so-far" if so_far else ""}{"" if cursor else " hidden"}>{link}</p>'
    )
