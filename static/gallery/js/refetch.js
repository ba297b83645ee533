// The page fetches itself again (a reset, the pill), and lays the answer over what it shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});
  const { gettext } = darkroom;

  const RESET_MS = 3000; // the pages of a folder come back spread out
  const RESET_NOW_MS = 300;
  const FEWEST_PAGES = 5;
  const PAGE_CARDS = 60;
  const PATIENCE_MS = 20 * 1000;
  const ONLY_WHAT_LIVES = { "Darkroom-Part": "live" }; // some pages answer with that alone, the others whole
  const byId = (id) => document.getElementById(id);
  const revisionOf = (element) => Number(element?.dataset.revision ?? NaN);
  const cards = (darkroom.cards = (page = document) => [...(page.getElementById("grid")?.children ?? [])].filter((card) => card.dataset.order));
  const rows = (page = document) => (byId("grid") ? cards(page) : [...(page.getElementById("folders")?.children ?? [])]);
  const link = (page = document) => page.querySelector("#pager a[href]");
  let resets = 0;
  let covered = -1; // the revision of the answer whose held frames are being applied

  darkroom.isResetting = () => resets > 0;

  // Where the next older page begins; nothing at the end of the folder.
  darkroom.cursor = () => link() && new URL(link().getAttribute("href"), darkroom.address()).searchParams.get("cursor");

  // The cursor after which the shown cards begin; nothing where the folder begins with them.
  darkroom.begins = (page = document) => page.getElementById("grid")?.dataset.beginsAfter ?? new URL(darkroom.address()).searchParams.get("cursor") ?? "";

  // This view's address with another beginning.
  darkroom.addressOf = (place) => {
    const address = new URL(darkroom.address());
    for (const name of ["cursor", "before"]) {
      if (place[name]) address.searchParams.set(name, place[name]);
      else address.searchParams.delete(name);
    }
    return address;
  };

  darkroom.reset = (root) => {
    if (resets || revisionOf(root) <= covered) return;
    const delay = Math.random() * ("now" in root.dataset ? RESET_NOW_MS : RESET_MS);
    darkroom.reload({ delay, atLeast: revisionOf(root) });
  };

  // Resolves to whether there was an answer. `once`: without one the page stays as it is, and nothing is said.
  // `from`: the cards begin after that cursor from now on. `isAnother`: the address shows another list than the page.
  darkroom.reload = async ({ delay = 0, atLeast = -1, toTop = false, once = false, from = toTop ? "" : null, isAnother = false } = {}) => {
    let pages;
    resets += 1;
    await darkroom.hold(async () => {
      try {
        await darkroom.sleep(delay);
        pages = await getShown(from ?? darkroom.begins(), atLeast, from === null && !isAnother ? lowestShown() : null, once);
      } finally {
        resets -= 1;
      }
      layOver(pages);
      if (from !== null) darkroom.moved?.(from, pages[0]);
      if (toTop) for (const scroller of [window, byId("grid")]) scroller?.scrollTo({ top: 0, left: 0, behavior: "instant" });
      darkroom.acknowledge();
      setTimeout(() => (covered = -1)); // after what was held
    });
    return Boolean(pages);
  };

  // The page's own URL, and as many older pages as reach down to what is being looked at.
  async function getShown(from, atLeast, lowest, once) {
    const grid = byId("grid");
    const most = Math.max(FEWEST_PAGES, Math.ceil(rows().length / PAGE_CARDS) + 1);
    const pages = [await get(grid ? darkroom.addressOf({ cursor: from }) : darkroom.address(), atLeast, once)];
    while (lowest && pages.length < most) {
      const [next, last] = [link(pages.at(-1)), rows(pages.at(-1)).at(-1)];
      const isThere = grid && darkroom.isSorted(grid) ? pages.some((page) => page.getElementById(lowest.id)) : !(last?.dataset.order > lowest.dataset.order);
      if (!next || isThere) break;
      pages.push(await get(new URL(next.getAttribute("href"), darkroom.address()), atLeast, once));
    }
    return pages;
  }

  // Of a folder no more is fetched than is looked at, of the list of folders all that one has asked for.
  function lowestShown() {
    if (!byId("grid")) return rows().at(-1);
    const { start, room } = darkroom.axis();
    return cards().findLast((card) => start(card) < room);
  }

  // Fetch until there is an answer, and one that is not older than `atLeast`.
  const get = (darkroom.fetchPage = async (url, atLeast = -1, once = false) => {
    for (let attempt = 0; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: ONLY_WHAT_LIVES, signal });
        const code = answer.redirected && /\/login\/$/.test(new URL(answer.url).pathname) ? 4401 : { 401: 4401, 403: 4403, 404: 4404 }[answer.status];
        if (code) darkroom.stop(code, code === 4404 && byId("detail") ? gettext("This item was removed.") : undefined);
        if (answer.status === 503) darkroom.trouble("database", (await answer.text()).includes('data-code="unavailable"'));
        if (answer.ok && !code) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          if (!(revisionOf(page.getElementById("revision")) < atLeast) || attempt >= 5) {
            darkroom.trouble("page", false);
            darkroom.trouble("database", false);
            return page;
          }
        }
      } catch {
        // No answer: said and tried again below.
      }
      if (once || darkroom.isStopped()) throw new Error("no page");
      darkroom.trouble("page", true);
      await darkroom.sleep(darkroom.backoff(attempt));
    }
  });

  function layOver(pages) {
    const plan = darkroom.plan();
    const [first, last] = [pages[0], pages.at(-1)];
    const revision = first.getElementById("revision");
    covered = revisionOf(revision);
    const isOlder = revisionOf(revision) < darkroom.revision(); // the database was put back
    pages.forEach((page, index) => darkroom.learnOrder(page, index ? "after" : "anew"));
    for (const id of ["batches", "folders", "grid", "trash"]) if (byId(id)) merge(plan, id, pages, isOlder);
    for (const id of ["messages", "detail"]) {
      const [shown, root] = [byId(id), first.getElementById(id)];
      if (shown && root && (isOlder || revisionOf(root) !== revisionOf(shown))) plan.swap(root);
    }
    turnPager(plan, last);
    if (revision && byId("revision")) byId("revision").dataset.revision = revision.dataset.revision;
    darkroom.forgetArrivals();
    darkroom.write(plan.html());
    document.dispatchEvent(new CustomEvent("darkroom:fetched", { detail: first }));
  }

  // Only what differs is swapped: what is the same keeps its focus, its text, its playback by itself.
  function merge(plan, id, pages, isOlder) {
    const roots = new Map();
    for (const page of pages) for (const root of page.getElementById(id)?.children ?? []) if (root.id) roots.set(root.id, root);
    const taken = new Set([...roots.values()].filter((root) => !byId(root.id)).map((root) => root.dataset.placeholder));
    for (const shown of byId(id).children) if (shown.id && !roots.has(shown.id) && !taken.has(shown.id)) plan.remove(shown.id);
    const moving = darkroom.misplaced([...byId(id).children].filter((shown) => roots.has(shown.id)));
    for (const root of roots.values()) {
      if (moving.has(root.id)) plan.move(root, byId(id));
      else lay(plan, root, (shown) => isOlder || revisionOf(root) !== revisionOf(shown));
    }
  }

  const lay = (darkroom.lay = (plan, root, differs) => {
    const [shown, sheet] = [byId(root.id), byId(root.dataset.placeholder)];
    if (shown) {
      if (differs(shown) && !darkroom.defers(root, shown)) plan.swap(root);
    } else if (sheet) {
      if (!darkroom.defers(root, sheet)) plan.swap(root, `outerHTML:#${sheet.id}`);
    } else {
      plan.insert(root, darkroom.regionOf(root.id));
    }
  });

  const turnPager = (darkroom.turnPager = (plan, page) => {
    const [shown, pager] = [byId("pager"), page.getElementById("pager")];
    if (shown && pager) plan.swap(pager);
    else if (shown) plan.remove("pager");
    else if (pager && byId("grid")) {
      const wrapper = page.createElement("div");
      wrapper.append(pager);
      plan.swap(wrapper, "afterend:#grid");
    }
  });
})();
