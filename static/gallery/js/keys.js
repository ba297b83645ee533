// The keyboard: arrows go through the grid in the order seen, and letters act while a picture has the focus.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;
  const { selection, marking } = darkroom;

  const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable]";
  const INNER = ".item :is(a, button, .item__box)";
  let current = ""; // the id of the card that Tab leads to

  const cards = () => selection.cards();
  const byId = (id) => document.getElementById(`item-${id}`);
  const cardOf = (element) => element?.closest?.("#grid > .item:has(.item__box)");

  darkroom.isTyping = () => Boolean(document.activeElement?.matches(TYPING));

  // A click that follows a link here; with a key held the browser opens it elsewhere.
  darkroom.isPlainClick = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  // Tab leads to one card, the arrows to the others.

  const roved = new WeakMap(); // card → whether Tab leads to it; a card that was swapped in is not in it

  function rove() {
    const shown = cards();
    if (!shown.length) return;
    if (!shown.some((card) => selection.idOf(card) === current)) current = selection.idOf(shown[0]);
    for (const card of shown) {
      const isCurrent = selection.idOf(card) === current;
      if (roved.get(card) === isCurrent) continue;
      roved.set(card, isCurrent);
      for (const element of card.querySelectorAll("a, button, .item__box")) {
        if (isCurrent) element.removeAttribute("tabindex");
        else if (element !== document.activeElement) element.tabIndex = -1;
      }
    }
  }

  document.addEventListener("DOMContentLoaded", rove);
  document.addEventListener("darkroom:changed", rove);
  document.addEventListener("focusin", ({ target }) => {
    const card = target.matches?.(INNER) && cardOf(target);
    if (!card || selection.idOf(card) === current) return;
    current = selection.idOf(card);
    rove();
  });

  darkroom.focusCard = (id) => {
    const card = byId(id);
    card?.querySelector(".item__link")?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  };

  // Where an arrow leads from this card: sideways in the order of the page, up and down to what is seen there.

  const STEPS = {
    ArrowRight: (card, shown) => shown[shown.indexOf(card) + (isRightToLeft() ? -1 : 1)],
    ArrowLeft: (card, shown) => shown[shown.indexOf(card) + (isRightToLeft() ? 1 : -1)],
    ArrowDown: (card, shown) => nextRow(card, shown, 1),
    ArrowUp: (card, shown) => nextRow(card, shown, -1),
    Home: (card, shown) => shown[0],
    End: (card, shown) => shown.at(-1),
  };

  const isRightToLeft = () => document.getElementById("grid").matches(":dir(rtl)");

  function nextRow(card, shown, way) {
    const from = card.getBoundingClientRect();
    const boxes = shown.map((one) => [one, one.getBoundingClientRect()]);
    const beyond = boxes.filter(([, box]) => (way > 0 ? box.top >= from.bottom - 1 : box.bottom <= from.top + 1));
    if (!beyond.length) return null;
    const row = way > 0 ? Math.min(...beyond.map(([, box]) => box.top)) : Math.max(...beyond.map(([, box]) => box.top));
    const middle = ({ left, right }) => Math.abs((left + right) / 2 - (from.left + from.right) / 2);
    return beyond.filter(([, box]) => Math.abs(box.top - row) < 2).reduce((best, one) => (middle(one[1]) < middle(best[1]) ? one : best))[0];
  }

  // In the grid

  function inGrid(event, card) {
    const id = selection.idOf(card);
    const step = STEPS[event.key];
    if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const target = step(card, cards());
      if (event.shiftKey && !selection.has(id)) marking.toggle(id);
      if (!target) return event.key === "ArrowDown" || event.key === "ArrowUp" ? false : true;
      darkroom.focusCard(selection.idOf(target));
      if (event.shiftKey) marking.extend(selection.idOf(target));
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const isOnCard = event.target.matches(".item__link, .item__box");
    if (event.key === " " && event.target.matches(".item__link")) {
      if (event.shiftKey) marking.extend(id);
      else marking.toggle(id);
      return true;
    }
    if (event.key === "Enter" && event.target.matches(".item__box")) return press(card.querySelector(".item__link"));
    if (isOnCard && (event.key === "F2" || isLetter(event, "r"))) return press(card.querySelector("[data-rename]"));
    return isOnCard && act(event, id);
  }

  // A button of the selection's bar that has this key; nothing being selected, for the card that has the focus.
  function act(event, id = "") {
    const button = [...document.querySelectorAll("#selection [data-key]")].find(({ dataset }) => event.key === dataset.key || isLetter(event, dataset.key));
    if (!button || event.repeat) return false;
    if (!selection.size && id) selection.set([id]);
    return selection.size > 0 && press(button);
  }

  const isLetter = (event, letter) => letter.length === 1 && event.key.toLowerCase() === letter && !event.shiftKey;

  function press(control) {
    control?.click();
    return Boolean(control);
  }

  document.addEventListener("keydown", (event) => {
    const grid = document.getElementById("grid");
    if (event.defaultPrevented || event.isComposing || !grid || darkroom.isTyping() || document.querySelector("dialog[open]")) return;
    const card = cardOf(event.target);
    const isInBar = event.target.closest?.("#selection");
    if (event.key === "Escape" && selection.size) {
      selection.clear();
      if (isInBar) darkroom.focusCard(current);
      event.preventDefault();
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "a") {
      event.preventDefault();
      selection.takeAll().then(() => darkroom.say("selection", gettext("%(count)s selected.", { count: selection.size }), { soon: true }));
    } else if (card ? inGrid(event, card) : selection.size && (isInBar || event.key === "Delete") && !event.ctrlKey && !event.metaKey && !event.altKey && act(event)) {
      event.preventDefault();
    }
  });
})();
