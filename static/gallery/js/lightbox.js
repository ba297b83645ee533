// The viewer over the folder's page: it shows one card after the other, large, or two beside each other. Its address is
// the item's own, so that it can be passed on, and "back" closes it. The grid lives on beneath, and is what it follows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const SETTLED_MS = 120; // while one runs through the pictures only thumbnails are fetched
  const box = () => document.getElementById("lightbox");
  const part = (name) => box().querySelector(`.lightbox__${name}`);
  const cardOf = (id) => document.getElementById(`item-${id}`);
  const { idOf, cards } = darkroom.selection;
  let panes = []; // one, or two to compare
  let order = []; // the ids on the page when the shown ones were last among them
  let under = null; // the address of the page beneath, while this is open
  let home = location.href; // the address beneath, of the last time
  let settling = 0;

  const address = darkroom.address;
  darkroom.address = () => under ?? address();

  const lightbox = (darkroom.lightbox = {
    get isOpen() {
      return Boolean(box()?.open);
    },
    get id() {
      return panes[0]?.id ?? "";
    },
    get panes() {
      return panes;
    },
    open(ids, { isBack = false } = {}) {
      if (!box() || !ids.some(cardOf)) return;
      if (!lightbox.isOpen) {
        if (!isBack) home = location.href;
        under = home;
        if (!isBack) history.pushState({ lightbox: ids }, "", ids.length > 1 ? location.href : cardOf(ids[0]).querySelector(".item__link").href);
        darkroom.openLayer(box());
        part("stage").focus({ preventScroll: true });
      }
      show(ids);
    },
    close: () => lightbox.isOpen && history.back(), // and then popstate does it
    step(way) {
      const target = panes.length === 1 && neighbour(way);
      if (target) go(target);
    },
    // On, or where this is the last one, back.
    next: () => lightbox.step(neighbour(1) ? 1 : -1),
    end(way) {
      const shown = cards();
      if (panes.length === 1 && shown.length) go(idOf(shown.at(way < 0 ? 0 : -1)));
    },
  });

  function go(id) {
    history.replaceState({ lightbox: [id] }, "", cardOf(id).querySelector(".item__link").href);
    show([id]);
  }

  function show(ids) {
    for (const pane of panes) pane.leave();
    panes = ids.map((id) => new darkroom.Pane(id));
    part("stage").replaceChildren(...panes.map((pane) => pane.element));
    box().classList.toggle("lightbox--compare", panes.length > 1);
    for (const pane of panes) {
      pane.zoom.linked = panes.filter((other) => other !== pane).map((other) => other.zoom);
      pane.zoom.onSwipe = (where) => (where === "away" ? lightbox.close() : lightbox.step(where === "next" ? 1 : -1));
      pane.zoom.onChange = turnOn;
    }
    cardOf(ids[0])?.scrollIntoView({ block: "center", behavior: "instant" }); // what lies beneath keeps step, and loads
    refresh();
    clearTimeout(settling);
    settling = setTimeout(() => {
      for (const way of [1, -1]) darkroom.preload(cardOf(neighbour(way)));
    }, SETTLED_MS);
  }

  // What changed in the page, changes here.
  function refresh() {
    if (!panes.length) return;
    if (panes.some(({ id }) => cardOf(id))) order = cards().map(idOf);
    for (const pane of panes) pane.update();
    const names = panes.map(({ id, name }) => cardOf(id)?.dataset.name ?? name.textContent);
    part("name").textContent = names.join(" · ");
    darkroom.retitle?.(names.join(" · "));
    turnOn();
    document.dispatchEvent(new CustomEvent("darkroom:viewing"));
  }

  // The next card that is still on the page, seen from where this one stands or stood.
  function neighbour(way) {
    const from = order.indexOf(panes[0]?.id);
    const beyond = from < 0 ? [] : way > 0 ? order.slice(from + 1) : order.slice(0, from).toReversed();
    return beyond.find(cardOf);
  }

  function turnOn() {
    const { scale = 1 } = panes[0]?.zoom ?? {};
    const isLone = panes.length === 1;
    for (const button of box().querySelectorAll("[data-view-step]")) button.disabled = !isLone || !neighbour(Number(button.dataset.viewStep));
    part("next").hidden = !isLone || !(neighbour(1) ?? neighbour(-1));
    part("gone").hidden = !panes.some(({ isGone }) => isGone);
    part("fit").disabled = scale === 1;
  }

  // Somebody removed it, or moved it away: what is shown stays, and the next one is offered.
  document.addEventListener("darkroom:gone", ({ detail: root }) => {
    const pane = panes.find(({ id }) => root.id === `item-${id}`);
    if (!pane || pane.isGone) return;
    pane.lose();
    const sentence = gettext("“%(name)s” is not here any more.", { name: pane.name.textContent });
    part("sentence").textContent = sentence;
    darkroom.say("viewer", sentence, { soon: true });
    turnOn();
  });

  document.addEventListener("darkroom:changed", () => lightbox.isOpen && refresh());

  // Opening and closing

  document.addEventListener("click", (event) => {
    const isPlain = !event.defaultPrevented && darkroom.isPlainClick(event);
    const link = event.target.closest?.("#grid > .item:has(.item__box) .item__link");
    if (!isPlain || !link || !box()) return;
    event.preventDefault();
    lightbox.open([idOf(link.closest(".item"))]);
  });

  addEventListener("popstate", ({ state }) => {
    if (!box()) return;
    const ids = state?.lightbox?.filter(cardOf) ?? [];
    if (ids.length) lightbox.open(ids, { isBack: true });
    else if (lightbox.isOpen) box().close();
    else if (state?.lightbox) location.reload(); // its card is not on this page any more
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (!box()) return;
    box().addEventListener("cancel", (event) => {
      event.preventDefault();
      lightbox.close();
    });
    box().addEventListener("close", () => {
      if (history.state?.lightbox) history.back(); // the browser closed it by itself
      const last = panes[0]?.id;
      for (const pane of panes) pane.leave();
      panes = [];
      under = null;
      part("stage").replaceChildren();
      darkroom.retitle?.();
      darkroom.focusCard(cardOf(last) ? last : order.find(cardOf));
    });
  });
})();
