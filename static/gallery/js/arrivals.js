// What is new enters only where it disturbs nobody; elsewhere it waits behind the pill "3 new". Of a view that finds
// only some, the server is asked how many are new in it: only it can read a question.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const CHECK_MS = 500; // how soon what waits comes in when nothing speaks against it any more
  const ASK_MS = [300, 5000]; // after the first arrival, and between two questions at least
  const MOST_COUNTED = 1000;
  const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable]";
  const OPEN = "dialog[open]:not(#lightbox), details.menu[open], :popover-open";

  const waiting = new Set();
  const number = new Intl.NumberFormat(darkroom.language);
  const grid = () => document.getElementById("grid");
  let timer = 0;
  let since = darkroom.revision() ?? 0; // when this view was read
  let counted = 0; // what the server said of it
  let asking = 0;
  let asked = -Infinity;

  const cameSince = (card) => Number(card.dataset.createdRevision) > since;
  const isFiltered = () => grid()?.hasAttribute("data-filtered");

  // Whether this arrival may enter now; if not, it is counted.
  darkroom.lets = (root, region, anchor, isCut = false) => {
    const pill = document.getElementById("new-pill");
    if (!pill || region.id !== "grid") return true;
    const isInsertView = region.dataset.arrivals !== "pill";
    if (isInsertView && !isCut && (takesArrivals(region) || isBelowWhatIsRead(region, anchor))) return true;
    if (!isFiltered() && (root.id.startsWith("item-") || !darkroom.isSorted(region))) waiting.add(root.id);
    show();
    return false;
  };

  // A card that is not on the page is new or has changed: this view may find it now, or no longer.
  darkroom.stir = (root) => isFiltered() && cameSince(root) && askSoon();

  darkroom.forget = (id) => {
    if (waiting.delete(id)) show();
    else if (counted) askSoon();
  };

  darkroom.forgetArrivals = () => {
    waiting.clear();
    counted = 0;
    since = darkroom.revision() ?? since;
    show();
  };

  function askSoon() {
    const [first, between] = ASK_MS;
    asking ||= setTimeout(ask, Math.max(first, asked + between - performance.now()));
  }

  async function ask() {
    asking = 0;
    if (document.hidden) return document.addEventListener("visibilitychange", askSoon, { once: true });
    asked = performance.now();
    const from = since;
    const address = new URL(document.getElementById("new-pill").dataset.count, location.href);
    address.search = darkroom.addressOf({}).search;
    address.searchParams.set("since", from);
    try {
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok && from === since) counted = (await answer.json()).count;
    } catch {
      // What was said before stands until the next one asks.
    }
    show();
  }

  // New, found by this view, and not on the page already.
  function newOnes() {
    for (const id of waiting) if (document.getElementById(id)) waiting.delete(id);
    return waiting.size + (counted ? Math.max(0, counted - darkroom.cards().filter(cameSince).length) : 0);
  }

  function takesArrivals(region) {
    return (
      region.getBoundingClientRect().top >= 0 &&
      region.scrollLeft <= 0 &&
      !document.activeElement?.matches(TYPING) &&
      (getSelection()?.isCollapsed ?? true) &&
      !document.querySelector(OPEN)
    );
  }

  function isBelowWhatIsRead(region, anchor) {
    const { start, end, room } = darkroom.axis();
    return (anchor ? start(anchor) : end(region)) >= room;
  }

  function show() {
    const pill = document.getElementById("new-pill");
    if (!pill) return;
    const size = newOnes();
    const words = gettext("%(count)s new", { count: `${number.format(size)}${size >= MOST_COUNTED && counted ? "+" : ""}` });
    pill.hidden = size === 0;
    // In another order the new ones stand wherever they belong: nobody would see them by going to the top.
    pill.textContent = !size ? "" : isSortedView() ? gettext("%(words)s · newest first", { words }) : words;
    clearTimeout(timer);
    if (waiting.size) timer = setTimeout(enter, CHECK_MS);
  }

  const isSortedView = () => Boolean(grid() && darkroom.isSorted(grid()));

  // Scrolled back to the top, or done with typing: what waited comes in by itself.
  function enter() {
    if (!waiting.size || !grid() || grid().dataset.arrivals === "pill") return;
    if (takesArrivals(grid()) && !darkroom.begins()) darkroom.reload();
    else timer = setTimeout(enter, CHECK_MS);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#new-pill")) return;
    if (!isSortedView()) return darkroom.reload({ toTop: true });
    darkroom.rememberDepth?.();
    const address = darkroom.addressOf({});
    address.searchParams.set("sort", "newest");
    location.assign(address);
  });

  document.addEventListener("darkroom:changed", () => (waiting.size || counted) && show());
})();
