// The blank paper above and below the cards: as high as those that have left, so that nothing moves for their leaving.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const byId = (id) => document.getElementById(id);
  const find = { above: () => byId("grid")?.querySelector(":scope > .reserve"), below: () => byId("below") };

  const paper = (darkroom.paper = {
    above: find.above,
    sizeOf: (where) => Number(find[where]()?.dataset.size ?? 0),
    cardsIn: (where) => Number(find[where]()?.dataset.cards ?? 0),
    reserve(where, size, cards) {
      if (!(size > 0 && cards > 0)) return find[where]()?.remove();
      const element = find[where]() ?? make(where);
      Object.assign(element.dataset, { size, cards });
      element.style[darkroom.axis().isStrip ? "inlineSize" : "blockSize"] = `${size}px`;
    },
    // After the cards have got another size.
    reserveAnew() {
      const shown = darkroom.cards();
      if (!shown.length) return;
      const axis = darkroom.axis();
      const each = (axis.end(shown.at(-1)) - axis.start(shown[0])) / shown.length;
      for (const where of ["above", "below"]) {
        find[where]()?.removeAttribute("style");
        paper.reserve(where, paper.cardsIn(where) * each, paper.cardsIn(where));
      }
    },
    // How far a card is from the end of the paper above it.
    depthOf(card) {
      const axis = darkroom.axis();
      return axis.start(card) - (find.above() ? axis.end(find.above()) : axis.start(byId("grid")));
    },
    endOfGrid: () => byId("grid").getBoundingClientRect().height,
  });

  function make(where) {
    const element = document.createElement("div");
    element.className = "reserve";
    element.setAttribute("aria-hidden", "true");
    if (where === "above") byId("grid").prepend(element);
    else byId("pager").before(Object.assign(element, { id: "below" }));
    return element;
  }
})();
