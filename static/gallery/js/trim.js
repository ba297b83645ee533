// Beyond some 300 cards the far end leaves, but nothing that is in view or in use.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { paper } = darkroom;

  const MOST_CARDS = 300;
  const AHEAD = 1; // screens that stay beyond what is seen
  const byId = (id) => document.getElementById(id);
  const isUsed = (card) => card.contains(document.activeElement) || card.querySelector("[data-editing], :popover-open");

  // The places after which cards have left, [cards above, cursor]: by them one comes back at once.
  darkroom.marks = [];

  darkroom.trim = (shown) => {
    if (shown.length <= MOST_CARDS) return;
    const axis = darkroom.axis();
    const [above, below] = [-axis.start(shown[0]), axis.end(shown.at(-1)) - axis.room];
    if (above > below) trimAbove(shown, axis);
    else trimBelow(shown, axis);
  };

  function trimAbove(shown, axis) {
    let cut = shown.length - MOST_CARDS;
    const used = shown.slice(0, cut).findIndex(isUsed);
    if (used >= 0) cut = used;
    // Whole rows, so that what stays keeps its columns.
    const beginsRow = (index) => axis.isStrip || axis.start(shown[index]) > axis.start(shown[index - 1]);
    while (cut > 0 && !(axis.end(shown[cut - 1]) < -AHEAD * axis.room && beginsRow(cut))) cut--;
    if (!cut) return;
    const [first, start] = [shown[cut], axis.start(shown[cut])];
    const cursor = darkroom.cursorOf(shown[cut - 1]);
    const [size, cards] = [paper.sizeOf("above") + paper.depthOf(first), paper.cardsIn("above") + cut];
    remove(shown.slice(0, cut));
    paper.reserve("above", size, cards); // first about right, so that the page is never too short for where it is scrolled to
    paper.reserve("above", size + start - axis.start(first), cards);
    darkroom.marks.push([cards, cursor]);
    darkroom.beginAfter(cursor);
  }

  function trimBelow(shown, axis) {
    let last = shown.length - 1;
    for (; last >= MOST_CARDS; last--) if (axis.start(shown[last]) < (1 + AHEAD) * axis.room || isUsed(shown[last])) break;
    const leaving = shown.slice(last + 1);
    if (!leaving.length) return;
    const end = paper.endOfGrid();
    pointPagerTo(darkroom.cursorOf(shown[last]));
    remove(leaving);
    if (!axis.isStrip) paper.reserve("below", paper.sizeOf("below") + end - paper.endOfGrid(), paper.cardsIn("below") + leaving.length);
  }

  function remove(cards) {
    for (const card of cards) card.remove();
    darkroom.forgetOrder(cards);
    darkroom.headDays();
  }

  function pointPagerTo(cursor) {
    let pager = byId("pager");
    if (!pager) {
      byId("grid").insertAdjacentHTML("afterend", '<p id="pager" class="pager"></p>');
      pager = byId("pager");
    }
    if (!pager.querySelector("a[href]")) pager.innerHTML = '<a class="button" href="?">Show older</a>';
    pager.querySelector("a").href = darkroom.addressOf({ cursor }).search;
    pager.hidden = false;
  }
})();
