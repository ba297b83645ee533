// What is new enters only where it disturbs nobody; elsewhere it waits behind the pill "3 new".
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const CHECK_MS = 500; // how soon what waits comes in when nothing speaks against it any more
  const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable]";
  const OPEN = "dialog[open]:not(#lightbox), details.menu[open], :popover-open";

  const waiting = new Set();
  let timer = 0;

  // Whether this arrival may enter now; if not, it is counted.
  darkroom.lets = (root, region, anchor, isCut = false) => {
    const pill = document.getElementById("new-pill");
    if (!pill || region.id !== "grid") return true;
    const isInsertView = region.dataset.arrivals !== "pill";
    if (isInsertView && !isCut && (takesArrivals(region) || isBelowWhatIsRead(region, anchor))) return true;
    if (isInsertView || matches(root)) waiting.add(root.id);
    show();
    return false;
  };

  darkroom.forget = (id) => {
    if (waiting.delete(id)) show();
  };

  darkroom.forgetArrivals = () => {
    waiting.clear();
    show();
  };

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

  // A search counts only what it would find.
  function matches(root) {
    const query = document.getElementById("grid").dataset.query ?? new URL(darkroom.address()).searchParams.get("q") ?? "";
    return (root.dataset.name ?? "").toLowerCase().includes(query.trim().toLowerCase()) && (!query || "name" in root.dataset);
  }

  function show() {
    const pill = document.getElementById("new-pill");
    if (!pill) return;
    pill.hidden = waiting.size === 0;
    pill.textContent = waiting.size ? `${waiting.size} new` : "";
    clearTimeout(timer);
    if (waiting.size) timer = setTimeout(enter, CHECK_MS);
  }

  // Scrolled back to the top, or done with typing: what waited comes in by itself.
  function enter() {
    const grid = document.getElementById("grid");
    if (!waiting.size || !grid || grid.dataset.arrivals === "pill") return;
    if (takesArrivals(grid) && !darkroom.begins()) darkroom.reload();
    else timer = setTimeout(enter, CHECK_MS);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#new-pill")) return;
    darkroom.reload({ toTop: true });
  });
})();
