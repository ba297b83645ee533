// The selection's bar: how many, what can be done with them, and why not; what finds no room goes into its menu.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { selection } = darkroom;

  const NOTE_MS = 8000;
  const count = new Intl.NumberFormat(darkroom.language);
  const bar = () => document.getElementById("selection");
  const part = (name) => bar().querySelector(`.selection__${name}`);
  let note = 0;
  let fitted = "";
  let lost = []; // names of those that somebody else took out of the selection

  document.addEventListener("darkroom:selection", show);
  document.addEventListener("DOMContentLoaded", () => {
    if (!bar()) return;
    new ResizeObserver(fit).observe(bar());
    document.fonts?.ready.then(fit);
  });

  function show() {
    if (!bar()) return;
    const { size, isAll } = selection;
    part("number").textContent = count.format(size);
    part("all").hidden = isAll || selection.cards().every((card) => selection.has(selection.idOf(card))) && !hasMore();
    for (const button of bar().querySelectorAll("[data-action]")) {
      const reason = darkroom.reasons[button.dataset.action]?.(selection.items, isAll) ?? "";
      button.toggleAttribute("data-off", Boolean(reason));
      if (reason) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      button.dataset.title ??= button.title;
      button.title = button.dataset.reason = reason;
      if (!reason) button.title = button.dataset.title;
    }
    const shape = `${part("count").textContent.length} ${part("all").hidden} ${document.body.hasAttribute("data-selecting")}`;
    if (shape !== fitted) fit(); // measuring lays the whole page out
    fitted = shape;
  }

  const hasMore = () => Boolean(darkroom.cursor() || darkroom.begins());

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#selection [data-selection], #selection [data-action]");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.selection === "clear") selection.clear();
    else if (button.dataset.selection === "all") selection.takeAll();
    else darkroom.actions[button.dataset.action]?.(selection.items, button);
    button.closest("details")?.removeAttribute("open");
  });

  // What finds no room goes into the menu, the last first.

  let order = null;

  function fit() {
    if (!bar()?.offsetWidth) return;
    const [actions, more] = [part("actions"), part("more")];
    const panel = more.querySelector(".menu__panel");
    order ??= [...actions.children];
    const focused = document.activeElement;
    more.hidden = true;
    actions.append(...order);
    const shown = order.filter((button) => button.offsetWidth);
    const isTooWide = () => actions.scrollWidth > actions.clientWidth + 1;
    if (isTooWide()) {
      more.hidden = false;
      for (const button of shown.toReversed()) {
        if (!isTooWide()) break;
        panel.prepend(button);
      }
    } else {
      more.open = false;
    }
    if (focused !== document.activeElement && focused.isConnected) {
      (focused.getClientRects().length ? focused : more.querySelector("summary")).focus({ preventScroll: true });
    }
  }

  // Somebody removed something of it, or moved it away.

  document.addEventListener("darkroom:unselected", ({ detail: name }) => {
    if (darkroom.isActing) return; // it was this person
    lost.push(name);
    const sentence = lost.length === 1 ? gettext("“%(name)s” is not here any more.", { name }) : gettext("%(count)s of them are not here any more.", { count: lost.length });
    darkroom.say("lost", sentence);
    if (!bar()) return;
    part("note").textContent = sentence;
    clearTimeout(note);
    note = setTimeout(() => {
      lost = [];
      part("note").textContent = "";
    }, NOTE_MS);
  });
})();
