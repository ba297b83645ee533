// The page fetches itself again (a reset, the pill) or its next older page, and lays the answer over what it shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const RESET_MS = 3000; // the pages of a folder come back spread out
  const RESET_NOW_MS = 300;
  const MOST_CARDS = 300;
  const MOST_PAGES = 5;
  const PATIENCE_MS = 20 * 1000;
  const ONLY_WHAT_LIVES = { "Darkroom-Part": "live" }; // some pages answer with that alone, the others whole
  const byId = (id) => document.getElementById(id);
  const revisionOf = (element) => Number(element?.dataset.revision ?? NaN);
  const cards = (page = document) => [...(page.getElementById("grid")?.children ?? [])].filter((card) => card.dataset.order);
  const link = (page = document) => page.querySelector("#pager a[href]");
  let resets = 0;
  let covered = -1; // the revision of the answer whose held frames are being applied

  darkroom.isResetting = () => resets > 0;

  // Where the next older page begins; nothing at the end of the folder.
  darkroom.cursor = () => link() && new URL(link().getAttribute("href"), darkroom.address()).searchParams.get("cursor");

  darkroom.reset = (root) => {
    if (resets || revisionOf(root) <= covered) return;
    const delay = Math.random() * ("now" in root.dataset ? RESET_NOW_MS : RESET_MS);
    darkroom.reload({ delay, atLeast: revisionOf(root) });
  };

  // Resolves to whether there was an answer. `once`: without one the page stays as it is, and nothing is said.
  darkroom.reload = async ({ delay = 0, atLeast = -1, toTop = false, once = false } = {}) => {
    let pages;
    resets += 1;
    await darkroom.hold(async () => {
      try {
        await darkroom.sleep(delay);
        pages = await getShown(atLeast, toTop ? null : lowestInView(), once);
      } finally {
        resets -= 1;
      }
      layOver(pages);
      if (toTop) scrollTo({ top: 0 });
      darkroom.acknowledge();
      setTimeout(() => (covered = -1)); // after what was held
    });
    return Boolean(pages);
  };

  // The page's own URL, and as many older pages as reach down to what is being looked at.
  async function getShown(atLeast, lowest, once) {
    const pages = [await get(darkroom.address(), atLeast, once)];
    while (lowest && pages.length < MOST_PAGES) {
      const [next, last] = [link(pages.at(-1)), cards(pages.at(-1)).at(-1)];
      if (!next || !(last?.dataset.order > lowest.dataset.order)) break;
      pages.push(await get(new URL(next.getAttribute("href"), darkroom.address()), atLeast, once));
    }
    return pages;
  }

  function lowestInView() {
    return cards().findLast((card) => card.getBoundingClientRect().top < innerHeight);
  }

  // Fetch until there is an answer, and one that is not older than `atLeast`.
  async function get(url, atLeast = -1, once = false) {
    for (let attempt = 0; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: ONLY_WHAT_LIVES, signal });
        const code = answer.redirected && /\/login\/$/.test(new URL(answer.url).pathname) ? 4401 : { 401: 4401, 403: 4403, 404: 4404 }[answer.status];
        if (code) darkroom.stop(code, code === 4404 && byId("detail") ? "This item was removed." : undefined);
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
  }

  function layOver(pages) {
    const plan = darkroom.plan();
    const [first, last] = [pages[0], pages.at(-1)];
    const revision = first.getElementById("revision");
    covered = revisionOf(revision);
    const isOlder = revisionOf(revision) < darkroom.revision(); // the database was put back
    for (const id of ["batches", "folders", "grid"]) if (byId(id)) merge(plan, id, pages, isOlder);
    for (const id of ["messages", "detail"]) {
      const [shown, root] = [byId(id), first.getElementById(id)];
      if (shown && root && (isOlder || revisionOf(root) !== revisionOf(shown))) plan.swap(root);
    }
    turnPager(plan, last);
    if (revision && byId("revision")) byId("revision").dataset.revision = revision.dataset.revision;
    darkroom.forgetArrivals();
    darkroom.write(plan.html());
  }

  // Only what differs is swapped: what is the same keeps its focus, its text, its playback by itself.
  function merge(plan, id, pages, isOlder) {
    const roots = new Map();
    for (const page of pages) for (const root of page.getElementById(id)?.children ?? []) if (root.id) roots.set(root.id, root);
    const taken = new Set([...roots.values()].filter((root) => !byId(root.id)).map((root) => root.dataset.placeholder));
    for (const shown of byId(id).children) if (shown.id && !roots.has(shown.id) && !taken.has(shown.id)) plan.remove(shown.id);
    for (const root of roots.values()) lay(plan, root, (shown) => isOlder || revisionOf(root) !== revisionOf(shown));
  }

  function lay(plan, root, differs) {
    const [shown, sheet] = [byId(root.id), byId(root.dataset.placeholder)];
    if (shown) {
      if (differs(shown) && !darkroom.defers(root, shown)) plan.swap(root);
    } else if (sheet) {
      if (!darkroom.defers(root, sheet)) plan.swap(root, `outerHTML:#${sheet.id}`);
    } else {
      plan.insert(root, darkroom.regionOf(root.id));
    }
  }

  function turnPager(plan, page) {
    const [shown, pager] = [byId("pager"), page.getElementById("pager")];
    if (shown && pager) plan.swap(pager);
    else if (shown) plan.remove("pager");
    else if (pager && byId("grid")) {
      const wrapper = page.createElement("div");
      wrapper.append(pager);
      plan.swap(wrapper, "afterend:#grid");
    }
  }

  // The next older page

  let isLoading = false;

  function loadOlder() {
    if (isLoading) return;
    isLoading = true;
    link().setAttribute("aria-busy", "true");
    darkroom
      .hold(async () => {
        if (!link()) return;
        const page = await get(new URL(link().getAttribute("href"), darkroom.address()), darkroom.revision() ?? -1);
        const plan = darkroom.plan();
        for (const root of cards(page)) {
          if (byId("grid").querySelector(`[data-placeholder="${root.id}"]`)) continue; // its card came meanwhile
          lay(plan, root, (shown) => revisionOf(root) > revisionOf(shown));
        }
        turnPager(plan, page);
        darkroom.write(plan.html());
      })
      .finally(() => (isLoading = false));
  }

  document.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!isPlain || !event.target.closest?.("#pager a[href]") || !darkroom.live()) return;
    // Beyond what one page keeps, the link leads to a page of its own.
    if (cards().length + Number(byId("grid")?.dataset.pageSize ?? 0) > MOST_CARDS) return;
    event.preventDefault();
    loadOlder();
  });

  document.addEventListener("darkroom:changed", () => {
    const grid = byId("grid");
    if (!grid) return;
    const shown = cards();
    if (shown.length > MOST_CARDS) trim(shown);
    else if (shown.length < Number(grid.dataset.pageSize ?? 0) && link()) loadOlder();
  });

  // The far end leaves, but nothing that is in view or in use.
  function trim(shown) {
    const plan = darkroom.plan();
    let last = shown.length - 1;
    for (; last >= MOST_CARDS; last--) {
      const card = shown[last];
      if (card.getBoundingClientRect().top < innerHeight || card.contains(document.activeElement)) break;
      plan.remove(card.id);
    }
    if (!plan.leaving.size) return;
    pointPagerTo(shown[last].dataset.order);
    darkroom.write(plan.html());
  }

  function pointPagerTo(order) {
    let pager = byId("pager");
    if (!pager) {
      byId("grid").insertAdjacentHTML("afterend", '<p id="pager" class="pager"></p>');
      pager = byId("pager");
    }
    if (!link()) pager.innerHTML = '<a class="button" href="?">Show older</a>';
    const here = new URL(darkroom.address());
    here.searchParams.set("cursor", order);
    pager.querySelector("a").href = here.search;
    pager.hidden = false;
  }
})();
