// Selecting by pointer: the check mark, Ctrl or Cmd with a click, Shift for a range, a finger that stays.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { selection } = darkroom;

  const HOLD_MS = 450;
  const HOLD_PIXELS = 10; // further is scrolling
  let anchor = ""; // where a range begins
  let before = []; // what was selected when it was set

  const cardOf = (event) => event.target.closest?.("#grid > .item:has(.item__box)");
  const idsShown = () => selection.cards().map(selection.idOf);

  darkroom.marking = {
    // From here the next range is drawn.
    begin(id) {
      anchor = id;
      before = idsShown().filter(selection.has);
    },
    toggle(id) {
      selection.set([id], !selection.has(id));
      darkroom.marking.begin(id);
      speak(id);
    },
    // The range up to here, besides what was selected before.
    extend(id) {
      const shown = idsShown();
      const [from, to] = [shown.indexOf(anchor), shown.indexOf(id)];
      if (from < 0) return darkroom.marking.toggle(id);
      selection.show([...before, ...shown.slice(Math.min(from, to), Math.max(from, to) + 1)]);
      speak(id);
    },
  };

  function speak(id) {
    const name = document.getElementById(`item-${id}`)?.dataset.name;
    const facts = { name, count: selection.size };
    const sentence = selection.has(id) ? gettext("%(name)s: selected. %(count)s selected.", facts) : gettext("%(name)s: not selected. %(count)s selected.", facts);
    darkroom.say("selection", sentence, { soon: true });
  }

  // In the capturing phase: a click that selects opens nothing.
  document.addEventListener(
    "click",
    (event) => {
      const card = cardOf(event);
      if (!card || event.button !== 0) return;
      const id = selection.idOf(card);
      const isMark = event.target.closest(".item__check");
      const isCard = event.target.closest(".item__link");
      if (wasHeld && event.detail > 0) return swallow(event, () => (wasHeld = false));
      if (isMark) {
        const box = card.querySelector(".item__box");
        if (event.target !== box) swallow(event); // a click on the label would come once more, without its keys
        mark(id, event);
      } else if (isCard && (event.ctrlKey || event.metaKey || event.shiftKey || selection.size > 0) && event.detail > 0) {
        swallow(event, () => mark(id, event));
      }
    },
    true,
  );

  function mark(id, { shiftKey }) {
    if (shiftKey && anchor) darkroom.marking.extend(id);
    else darkroom.marking.toggle(id);
  }

  function swallow(event, action) {
    event.preventDefault();
    event.stopImmediatePropagation();
    action?.();
  }

  // A finger that stays

  let hold = 0;
  let start = null;
  let wasHeld = false;

  document.addEventListener("pointerdown", (event) => {
    const card = cardOf(event);
    wasHeld = false;
    clearTimeout(hold);
    if (!card || event.pointerType === "mouse" || !event.isPrimary || event.target.closest(".item__actions, .item__check")) return;
    start = event;
    hold = setTimeout(() => {
      wasHeld = true;
      darkroom.marking.toggle(selection.idOf(card));
    }, HOLD_MS);
  });

  document.addEventListener("pointermove", (event) => {
    if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > HOLD_PIXELS) clearTimeout(hold);
  });

  for (const end of ["pointerup", "pointercancel", "scroll"]) {
    document.addEventListener(end, () => clearTimeout(hold), { capture: true, passive: true });
  }

  document.addEventListener("contextmenu", (event) => {
    if (cardOf(event) && event.pointerType === "touch") event.preventDefault();
  });
})();
