// A folder of any length on a page of some 300 cards: older ones come as one scrolls, those at the far end leave with
// their height reserved, and come back by keyset as one scrolls back. Nothing that is looked at moves for it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { further, paper } = darkroom;

  const AHEAD = 1; // screens that are there before they are seen; beyond them cards may leave
  const FAR = 3; // screens of blank paper in which one no longer waits for what lies between
  const byId = (id) => document.getElementById(id);
  const revisionOf = (element) => Number(element?.dataset.revision ?? NaN);
  const link = () => document.querySelector("#pager a[href]");
  const pageSize = () => Number(byId("grid")?.dataset.pageSize ?? 0);
  let isLoading = false;
  let hasScrolled = false;

  // The next older page

  function loadOlder() {
    if (isLoading || !link()) return;
    isLoading = true;
    link().setAttribute("aria-busy", "true");
    darkroom
      .hold(async () => {
        if (!link()) return;
        const page = await darkroom.fetchPage(new URL(link().getAttribute("href"), darkroom.address()), darkroom.revision() ?? -1);
        const [plan, end, before] = [darkroom.plan(), paper.endOfGrid(), darkroom.cards().length];
        darkroom.learnOrder(page, "after");
        layCards(plan, darkroom.cards(page));
        further.turn(plan, page);
        darkroom.write(plan.html());
        const came = darkroom.cards().length - before;
        further.tell();
        paper.reserve("below", link() ? paper.sizeOf("below") - (paper.endOfGrid() - end) : 0, paper.cardsIn("below") - came);
      })
      .finally(lookAgain);
  }

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
    if (isLoading || !first || !darkroom.begins()) return;
    isLoading = true;
    darkroom
      .hold(async () => {
        if (!first.isConnected) return;
        const page = await darkroom.fetchPage(darkroom.addressOf({ before: darkroom.cursorOf(first) }), darkroom.revision() ?? -1);
        const above = cardsAbove(first, page);
        darkroom.learnOrder(page, "before", above);
        const left = holdBack(above, first, darkroom.begins(page));
        const [axis, plan] = [darkroom.axis(), darkroom.plan()];
        const [start, depth] = [axis.start(first), paper.depthOf(first)];
        layCards(plan, above);
        darkroom.write(plan.html());
        begin(left, page);
        const grown = paper.depthOf(first) - depth;
        paper.reserve("above", left ? paper.sizeOf("above") - grown : 0, Math.max(paper.cardsIn("above") - above.length, left ? 1 : 0));
        darkroom.marks = darkroom.marks.filter(([cards]) => cards < paper.cardsIn("above"));
        axis.scroll(axis.start(first) - start);
      })
      .finally(lookAgain);
  }

  // Of a page that ends before the first card, or begins the folder, those that stand above it.
  function cardsAbove(first, page) {
    const roots = darkroom.cards(page);
    if (!darkroom.isSorted(byId("grid"))) return roots.filter((root) => root.dataset.order > first.dataset.order);
    return roots.slice(0, Number(page.getElementById("grid").dataset.above)).filter((root) => !byId(root.id));
  }

  // Whole rows only, so that no card that is there changes its column. Returns the cursor after which these begin.
  function holdBack(above, first, begins) {
    const day = darkroom.dayOf(first);
    const same = above.filter((root) => darkroom.dayOf(root) === day).length;
    const spare = same % columns();
    if (!spare || above.length < columns()) return begins;
    if (same === above.length && begins) return darkroom.cursorOf(above.splice(0, spare).at(-1));
    first.dataset.pinned = ""; // its day began in the middle of a row: let go where nobody sees it
    return begins;
  }

  function columns() {
    const tracks = getComputedStyle(byId("grid")).gridTemplateColumns;
    return tracks === "none" ? 1 : tracks.split(" ").length;
  }

  const begin = (darkroom.beginAfter = (cursor, page) => {
    const grid = byId("grid");
    grid.dataset.beginsAfter = cursor;
    if (!cursor && page) grid.dataset.arrivals = page.getElementById("grid").dataset.arrivals;
    const newer = byId("newer");
    if (!newer) return;
    newer.hidden = !cursor || Boolean(paper.above());
    const address = newer.querySelector("a");
    if (address && darkroom.cards()[0]) address.href = darkroom.addressOf({ before: darkroom.cursorOf(darkroom.cards()[0]) }).search;
  });

  // The page was fetched from another place on.
  darkroom.moved = (from, page) => {
    begin(from, page);
    if (from) return;
    darkroom.marks = [];
    paper.reserve("above", 0, 0);
    paper.reserve("below", 0, 0);
    if (location.href === darkroom.address() && /[?&](cursor|before)=/.test(location.search)) history.replaceState(history.state, "", darkroom.addressOf({}));
  };

  // Into the blank paper, far from what is there: the nearest place that is remembered.
  function jump(axis) {
    const size = paper.sizeOf("above");
    const wanted = (paper.cardsIn("above") * -axis.start(paper.above())) / size;
    const [cards, cursor] = darkroom.marks.findLast(([cards]) => cards <= wanted) ?? [0, ""];
    if (!cards && axis.start(paper.above()) < -axis.room) return loadNewer();
    isLoading = true;
    darkroom
      .reload({ from: cursor, toTop: !cursor })
      .then(() => {
        paper.reserve("above", (size * cards) / paper.cardsIn("above"), cards);
        darkroom.marks = darkroom.marks.filter(([above]) => above < cards);
      })
      .finally(lookAgain);
  }

  // What is there

  function look() {
    const shown = darkroom.cards();
    if (isLoading || !pageSize() || darkroom.isResetting()) return;
    if (!shown.length) return void (further.isSoFar() && loadOlder());
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
  darkroom.learnOrder(document, "anew");
  document.addEventListener("DOMContentLoaded", lookSoon);

  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) paper.reserveAnew();
    width = innerWidth;
    lookSoon();
  });

  document.addEventListener("click", (event) => {
    const pressed = darkroom.isPlainClick(event) && darkroom.live() && event.target.closest?.("#pager a[href], #newer a[href]");
    if (!pressed || !(darkroom.cards().length || further.isSoFar())) return;
    event.preventDefault();
    if (pressed.closest("#pager")) loadOlder();
    else loadNewer();
  });

  document.addEventListener("darkroom:changed", ({ detail }) => {
    if (!byId("grid")) return;
    if (detail === "view") paper.reserveAnew();
    const shown = darkroom.cards();
    darkroom.trim(shown);
    if (shown.length < pageSize()) loadOlder();
    lookSoon();
  });
})();
