// A swap takes nothing from the person: not what is typed, focused, selected, played, opened or looked at.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const FIELDS = "input:not([type=hidden]), textarea, select, [contenteditable]";
  const MARKS = ["data-focus", "formaction", "data-rename", "name", "href"]; // how a control is known again
  const LONGEST_WAIT_MS = 30 * 1000;
  let named = []; // elements that got an id for the time of their move
  let moved = 0;
  let restore = () => {};

  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    if (fragment instanceof DocumentFragment) {
      if (fragment.firstElementChild) carryOver(target, fragment.firstElementChild);
    } else if (fragment.id === target.id && target.contains(document.activeElement)) {
      const neighbour = target.nextElementSibling ?? target.previousElementSibling; // the focused one is removed
      restore = () => document.activeElement === document.body && focus(neighbour && (find(document.activeElement, target, neighbour) ?? neighbour.querySelector("a, button")));
    }
  });

  document.addEventListener("htmx:oobAfterSwap", () => {
    restore();
    restore = () => {};
    for (const element of named) element.removeAttribute("id");
    named = [];
  });

  function carryOver(shown, incoming) {
    const kept = [];
    const keep = (element, twin) => {
      if (!twin || kept.some((other) => other.contains(element))) return;
      kept.push(element);
      if (!element.id) {
        element.id = `kept-${++moved}`;
        named.push(element);
      }
      twin.id = element.id;
      twin.setAttribute("hx-preserve", "");
    };
    const active = shown.contains(document.activeElement) ? document.activeElement : null;
    for (const host of shown.querySelectorAll("[data-editing]")) keep(host, incoming.querySelector(`.${host.classList[0]}`) ?? stub(host, shown, incoming));
    for (const field of shown.querySelectorAll(FIELDS)) {
      if (field === active || isChanged(field)) keep(field, find(field, shown, incoming) ?? stub(field, shown, incoming));
    }
    for (const player of shown.querySelectorAll("video, audio")) {
      const twin = find(player, shown, incoming);
      const isSame = twin?.getAttribute("src") === player.getAttribute("src");
      if (isSame && (!player.paused || player.currentTime > 0)) keep(player, twin);
    }
    for (const open of shown.querySelectorAll(":popover-open, dialog[open]")) keep(open, find(open, shown, incoming));
    for (const open of shown.querySelectorAll("details[open]")) find(open, shown, incoming)?.setAttribute("open", "");
    if (active) keepFocus(active, find(active, shown, incoming), keep);
  }

  function keepFocus(active, twin, keep) {
    if (twin?.isEqualNode(active)) keep(active, twin); // so that not even a press is interrupted
    const { selectionStart, selectionEnd, selectionDirection, scrollLeft, scrollTop } = active;
    restore = () => {
      const element = active.isConnected ? active : twin;
      focus(element);
      if (selectionStart == null || element !== active) return;
      if (active.selectionStart !== selectionStart || active.selectionEnd !== selectionEnd) {
        active.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
      }
      Object.assign(active, { scrollLeft, scrollTop });
    };
  }

  function focus(element) {
    if (element && element !== document.activeElement) element.focus({ preventScroll: true });
  }

  function isChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return "value" in field && field.value !== field.defaultValue;
  }

  // The element of the incoming root that is the same thing.
  function find(element, shown, incoming) {
    if (element === shown) return incoming;
    if (element.id) return incoming.querySelector(`#${CSS.escape(element.id)}`);
    const tag = element.localName;
    for (const mark of MARKS) {
      const value = element.getAttribute(mark);
      if (value) return incoming.querySelector(`${tag}[${mark}="${CSS.escape(value)}"]`);
    }
    return incoming.querySelectorAll(tag)[[...shown.querySelectorAll(tag)].indexOf(element)];
  }

  // Where the incoming root has no such element, it is carried over into the nearest part that is there.
  function stub(element, shown, incoming) {
    let part = element.parentElement;
    while (part !== shown && !(part.classList[0] && incoming.querySelector(`.${CSS.escape(part.classList[0])}`))) part = part.parentElement;
    const place = part === shown ? incoming : incoming.querySelector(`.${CSS.escape(part.classList[0])}`);
    return place.appendChild(document.createElement(element.localName));
  }

  // A root in which text is selected, or that is being pressed, waits until it is not.

  let pressed = null;
  let waiting = new Map();
  let before = new Map();
  let timer = 0;
  const expired = new Set();

  darkroom.defers = (root, shown) => {
    const owner = shown.parentElement.closest("[data-revision]");
    if (expired.has(root.id) || !(isInUse(shown) || waiting.has(owner?.id))) return false;
    const since = (waiting.get(root.id) ?? before.get(root.id))?.since ?? Date.now();
    waiting.delete(root.id);
    waiting.set(root.id, { html: root.outerHTML, since, shown });
    timer ||= setTimeout(apply, LONGEST_WAIT_MS);
    return true;
  };

  function isInUse(element) {
    if (pressed && element.contains(pressed)) return true;
    const selection = getSelection();
    return Boolean(selection?.rangeCount) && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(element);
  }

  function apply() {
    clearTimeout(timer);
    timer = 0;
    for (const [id, { since }] of waiting) if (Date.now() - since >= LONGEST_WAIT_MS) expired.add(id);
    [before, waiting] = [waiting, new Map()];
    darkroom.write(darkroom.decide([...before.values()].map(({ html }) => html).join("")));
    before = new Map();
    expired.clear();
    if (waiting.size) timer = setTimeout(apply, Math.max(100, LONGEST_WAIT_MS - Date.now() + Math.min(...[...waiting.values()].map(({ since }) => since))));
  }

  function look() {
    if ([...waiting.values()].some(({ shown }) => !isInUse(shown))) apply();
  }
  const lookSoon = () => waiting.size && setTimeout(look);

  document.addEventListener("selectionchange", lookSoon);
  document.addEventListener("pointerdown", ({ target }) => (pressed = target), true);
  for (const end of ["pointerup", "pointercancel", "dragend"]) {
    document.addEventListener(
      end,
      () => {
        pressed = null;
        lookSoon(); // after the click that this press becomes
      },
      true,
    );
  }
})();
