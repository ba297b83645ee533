// What is looked at stays where it is, whatever comes and goes before it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  let anchors = [];

  // How far the cards go on: down the page, or along a strip.
  darkroom.axis = () => {
    const grid = document.getElementById("grid");
    const isStrip = Boolean(grid) && document.documentElement.dataset.layout === "strip";
    const [origin, room] = isStrip ? [grid.getBoundingClientRect().left, grid.clientWidth] : [0, innerHeight];
    return {
      isStrip,
      room,
      start: (element) => element.getBoundingClientRect()[isStrip ? "left" : "top"] - origin,
      end: (element) => element.getBoundingClientRect()[isStrip ? "right" : "bottom"] - origin,
      scrolled: isStrip ? grid.scrollLeft : scrollY,
      scroll: (by) => (isStrip ? grid : window).scrollBy({ [isStrip ? "left" : "top"]: by, behavior: "instant" }),
    };
  };

  document.addEventListener("darkroom:before", () => {
    anchors = [];
    const axis = darkroom.axis();
    if (axis.scrolled <= 0) return;
    for (const card of document.querySelectorAll("#grid > [id], #folders > [id]")) {
      const start = axis.start(card);
      if (axis.end(card) > 0) anchors.push([card.id, start]);
      if (start > axis.room) break;
    }
  });

  document.addEventListener("darkroom:changed", () => {
    const axis = darkroom.axis();
    for (const [id, start] of anchors) {
      const card = document.getElementById(id);
      if (!card) continue;
      const shift = axis.start(card) - start;
      if (Math.abs(shift) >= 1) axis.scroll(shift);
      break;
    }
    anchors = [];
  });
})();
