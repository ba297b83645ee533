// A folder of any length on a page of some 300 cards: older ones come as one scrolls, those at the far end leave with
// their height reserved, and come back by keyset as one scrolls back. Nothing that is looked at moves for it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const MOST_CARDS = 300;
  const AHEAD = 1; // screens that are there before they are seen; beyond them cards may leave
  const FAR = 3; // screens of blank paper in which one no longer waits for what lies between
  const byId = (id) => document.getElementById(id);
  const revisionOf = (element) => Number(element?.dataset.revision ?? NaN);
  const link = () => document.querySelector("#pager a[href]");
  const pageSize = () => Number(byId("grid")?.dataset.pageSize ?? 0);
  let marks = []; // [cards above, cursor]: places that have left, by which one comes back at once
  let isLoading = false;
  let hasScrolled = false;

  // What is reserved

  const paper = {
    above: () => byId("grid")?.querySelector(":scope > .reserve"),
    below: () => byId("below"),
  };

  function makePaper(where) {
    const element = document.createElement("div");
    element.className = "reserve";
    element.setAttribute("aria-hidden", "true");
    if (where === "above") byId("grid").prepend(element);
    else byId("pager").before(Object.assign(element, { id: "below" }));
    return element;
  }

  const sizeOf = (where) => Number(paper[where]()?.dataset.size ?? 0);
  const cardsIn = (where) => Number(paper[where]()?.dataset.cards ?? 0);

  function reserve(where, size, cards) {
    if (!(size > 0 && cards > 0)) return paper[where]()?.remove();
    const element = paper[where]() ?? makePaper(where);
    Object.assign(element.dataset, { size, cards });
    element.style[darkroom.axis().isStrip ? "inlineSize" : "blockSize"] = `${size}px`;
  }

  // After the cards have got another size.
  function reserveAnew() {
    const shown = darkroom.cards();
    if (!shown.length) return;
    const axis = darkroom.axis();
    const each = (axis.end(shown.at(-1)) - axis.start(shown[0])) / shown.length;
    for (const where of ["above", "below"]) {
      if (paper[where]()) paper[where]().removeAttribute("style");
      reserve(where, cardsIn(where) * each, cardsIn(where));
    }
  }

  // The next older page

  function loadOlder() {
    if (isLoading || !link()) return;
    isLoading = true;
    link().setAttribute("aria-busy", "true");
    darkroom
      .hold(async () => {
        if (!link()) return;
        const page = await darkroom.fetchPage(new URL(link().getAttribute("href"), darkroom.address()), darkroom.revision() ?? -1);
        const [plan, end, before] = [darkroom.plan(), endOfGrid(), darkroom.cards().length];
        layCards(plan, darkroom.cards(page));
        darkroom.turnPager(plan, page);
        darkroom.write(plan.html());
        const came = darkroom.cards().length - before;
        reserve("below", link() ? sizeOf("below") - (endOfGrid() - end) : 0, cardsIn("below") - came);
      })
      .finally(lookAgain);
  }

  const endOfGrid = () => byId("grid").getBoundingClientRect().height;

  function lookAgain() {
    isLoading = false;
    requestAnimationFrame(look);
  }

  function layCards(plan, roots) {
    for (const root of roots) {
      if (byId("grid").querySelector(`[data-placeholder="${root.id}"]`)) continue; // its card came meanwhile
      darkroom.lay(plan, root, (shown) => revisionOf(root) > revisionOf(shown));
    }
  }

  // The next newer page

  function loadNewer() {
    const first = darkroom.cards()[0];
    if (isLoading || !first || !darkroom.begins() || darkroom.isSorted(byId("grid"))) return;
    isLoading = true;
    darkroom
      .hold(async () => {
        if (!first.isConnected) return;
        const page = await darkroom.fetchPage(darkroom.addressOf({ before: first.dataset.order }), darkroom.revision() ?? -1);
        const above = darkroom.cards(page).filter((root) => root.dataset.order > first.dataset.order);
        const left = holdBack(above, first, darkroom.begins(page));
        const [axis, plan] = [darkroom.axis(), darkroom.plan()];
        const [start, depth] = [axis.start(first), depthOf(first)];
        layCards(plan, above);
        darkroom.write(plan.html());
        begin(left, page);
        const grown = depthOf(first) - depth;
        reserve("above", left ? sizeOf("above") - grown : 0, Math.max(cardsIn("above") - above.length, left ? 1 : 0));
        marks = marks.filter(([cards]) => cards < cardsIn("above"));
        axis.scroll(axis.start(first) - start);
      })
      .finally(lookAgain);
  }

  // How far a card is from the end of the paper above it.
  function depthOf(card) {
    const axis = darkroom.axis();
    return axis.start(card) - (paper.above() ? axis.end(paper.above()) : axis.start(byId("grid")));
  }

  // Whole rows only, so that no card that is there changes its column. Returns the cursor after which these begin.
  function holdBack(above, first, begins) {
    const day = darkroom.dayOf(first);
    const same = above.filter((root) => darkroom.dayOf(root) === day).length;
    const spare = same % columns();
    if (!spare || above.length < columns()) return begins;
    if (same === above.length && begins) return above.splice(0, spare).at(-1).dataset.order;
    first.dataset.pinned = ""; // its day began in the middle of a row: let go where nobody sees it
    return begins;
  }

  function columns() {
    const tracks = getComputedStyle(byId("grid")).gridTemplateColumns;
    return tracks === "none" ? 1 : tracks.split(" ").length;
  }

  function begin(cursor, page) {
    const grid = byId("grid");
    grid.dataset.beginsAfter = cursor;
    if (!cursor && page) grid.dataset.arrivals = page.getElementById("grid").dataset.arrivals;
    const newer = byId("newer");
    if (!newer) return;
    newer.hidden = !cursor || Boolean(paper.above());
    const address = newer.querySelector("a");
    if (address && darkroom.cards()[0]) address.href = darkroom.addressOf({ before: darkroom.cards()[0].dataset.order }).search;
  }

  // The page was fetched from another place on.
  darkroom.moved = (from, page) => {
    begin(from, page);
    if (from) return;
    marks = [];
    reserve("above", 0, 0);
    reserve("below", 0, 0);
    if (location.href === darkroom.address() && /[?&](cursor|before)=/.test(location.search)) history.replaceState(history.state, "", darkroom.addressOf({}));
  };

  // Into the blank paper, far from what is there: the nearest place that is remembered.
  function jump(axis) {
    const size = sizeOf("above");
    const wanted = (cardsIn("above") * -axis.start(paper.above())) / size;
    const [cards, cursor] = marks.findLast(([cards]) => cards <= wanted) ?? [0, ""];
    if (!cards && axis.start(paper.above()) < -axis.room) return loadNewer();
    isLoading = true;
    darkroom
      .reload({ from: cursor, toTop: !cursor })
      .then(() => {
        reserve("above", (size * cards) / cardsIn("above"), cards);
        marks = marks.filter(([above]) => above < cards);
      })
      .finally(lookAgain);
  }

  // What is there

  function look() {
    const shown = darkroom.cards();
    if (isLoading || !shown.length || !pageSize() || darkroom.isResetting()) return;
    const axis = darkroom.axis();
    letGo(axis);
    const [first, last] = [axis.start(shown[0]), axis.end(shown.at(-1))];
    if (paper.above() && first > axis.room * FAR) jump(axis);
    else if (darkroom.begins() && hasScrolled && first > -AHEAD * axis.room) loadNewer();
    else if (link() && last < axis.room * (hasScrolled ? 1 + AHEAD : 1)) loadOlder();
  }

  function letGo(axis) {
    for (const card of document.querySelectorAll("#grid > [data-pinned]")) {
      if (axis.start(card) > 2 * axis.room) delete card.dataset.pinned;
    }
  }

  let frame = 0;
  function lookSoon() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      look();
    });
  }

  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (target !== document && target !== byId("grid")) return;
      hasScrolled ||= darkroom.axis().scrolled > 0;
      lookSoon();
    },
    { capture: true, passive: true },
  );
  document.addEventListener("DOMContentLoaded", lookSoon);

  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) reserveAnew();
    width = innerWidth;
    lookSoon();
  });

  document.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const pressed = isPlain && darkroom.live() && event.target.closest?.("#pager a[href], #newer a[href]");
    if (!pressed || !darkroom.cards().length) return;
    event.preventDefault();
    if (pressed.closest("#pager")) loadOlder();
    else loadNewer();
  });

  document.addEventListener("darkroom:changed", ({ detail }) => {
    if (!byId("grid")) return;
    if (detail === "view") reserveAnew();
    const shown = darkroom.cards();
    if (shown.length > MOST_CARDS) trim(shown);
    else if (shown.length < pageSize()) loadOlder();
    lookSoon();
  });

  // The far end leaves, but nothing that is in view or in use.
  function trim(shown) {
    if (darkroom.isSorted(byId("grid"))) return; // its cards do not say where they stand
    const axis = darkroom.axis();
    const [above, below] = [-axis.start(shown[0]), axis.end(shown.at(-1)) - axis.room];
    if (above > below) trimAbove(shown, axis);
    else trimBelow(shown, axis);
  }

  const isUsed = (card) => card.contains(document.activeElement) || card.querySelector("[data-editing], :popover-open");

  function trimAbove(shown, axis) {
    let cut = shown.length - MOST_CARDS;
    const used = shown.slice(0, cut).findIndex(isUsed);
    if (used >= 0) cut = used;
    // Whole rows, so that what stays keeps its columns.
    const beginsRow = (index) => axis.isStrip || axis.start(shown[index]) > axis.start(shown[index - 1]);
    while (cut > 0 && !(axis.end(shown[cut - 1]) < -AHEAD * axis.room && beginsRow(cut))) cut--;
    if (!cut) return;
    const [first, start] = [shown[cut], axis.start(shown[cut])];
    const cursor = shown[cut - 1].dataset.order;
    const [size, cards] = [sizeOf("above") + depthOf(first), cardsIn("above") + cut];
    for (const card of shown.slice(0, cut)) card.remove();
    darkroom.headDays();
    reserve("above", size, cards); // first about right, so that the page is never too short for where it is scrolled to
    reserve("above", size + start - axis.start(first), cards);
    marks.push([cards, cursor]);
    begin(cursor);
  }

  function trimBelow(shown, axis) {
    let last = shown.length - 1;
    for (; last >= MOST_CARDS; last--) if (axis.start(shown[last]) < (1 + AHEAD) * axis.room || isUsed(shown[last])) break;
    const leaving = shown.slice(last + 1);
    if (!leaving.length) return;
    const end = endOfGrid();
    for (const card of leaving) card.remove();
    darkroom.headDays();
    pointPagerTo(shown[last].dataset.order);
    if (!axis.isStrip) reserve("below", sizeOf("below") + end - endOfGrid(), cardsIn("below") + leaving.length);
  }

  function pointPagerTo(order) {
    let pager = byId("pager");
    if (!pager) {
      byId("grid").insertAdjacentHTML("afterend", '<p id="pager" class="pager"></p>');
      pager = byId("pager");
    }
    if (!link()) pager.innerHTML = '<a class="button" href="?">Show older</a>';
    pager.querySelector("a").href = darkroom.addressOf({ cursor: order }).search;
    pager.hidden = false;
  }
})();
