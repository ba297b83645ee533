// Where each root of a frame goes: the page decides, for only the page knows what it shows.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const REGIONS = { item: "grid", placeholder: "grid", batch: "batches", mass: "batches", folder: "folders", trashed: "trash" };
  const byId = (id) => (id ? document.getElementById(id) : null);
  const revisionOf = (element) => Number(element?.dataset.revision ?? NaN);
  const orderOf = (element) => element.dataset.order ?? "";
  const isDelete = (root) => root.getAttribute("hx-swap-oob") === "delete";

  darkroom.regionOf = (id) => byId(REGIONS[id.slice(0, id.indexOf("-"))]);

  // What will be done to the page: removals, then insertions by their order, then replacements.
  class Plan {
    leaving = new Set();
    #arriving = [];
    #swaps = [];

    remove(id) {
      this.leaving.add(id);
    }

    insert(root, region) {
      this.#arriving.push([root, region]);
    }

    move(root, region) {
      this.remove(root.id);
      this.insert(root, region);
    }

    swap(root, how = "true") {
      root.setAttribute("hx-swap-oob", how);
      this.#swaps.push(root);
    }

    // The first element of the region that stands after this one; where none does, the region grows at its end.
    anchor(region, root) {
      return [...region.children].find((child) => child.id && !this.leaving.has(child.id) && darkroom.isAfter(region, child, root));
    }

    html() {
      const page = document.createElement("template").content.ownerDocument.createElement("div");
      const oob = (how, id) => {
        const element = page.ownerDocument.createElement("div");
        if (id) element.id = id;
        element.setAttribute("hx-swap-oob", how);
        page.append(element);
        return element;
      };
      for (const id of this.leaving) oob("delete", id);
      const wrappers = new Map();
      this.#arriving.sort(([a, region], [b]) => darkroom.compare(region, a, b));
      for (const [root, region] of this.#arriving) {
        const anchor = this.anchor(region, root);
        const how = anchor ? `beforebegin:#${anchor.id}` : `beforeend:#${region.id}`;
        if (!wrappers.has(how)) wrappers.set(how, oob(how));
        root.removeAttribute("hx-swap-oob");
        wrappers.get(how).append(root);
      }
      page.append(...this.#swaps);
      return page.innerHTML;
    }
  }
  darkroom.plan = () => new Plan();

  // A frame's text → what htmx shall swap.
  darkroom.decide = (text) => {
    const roots = read(text);
    const taken = new Set(); // placeholders whose card is in this frame
    for (const root of roots.values()) if (root.dataset.placeholder) taken.add(root.dataset.placeholder);
    const frame = { roots, taken, plan: new Plan(), before: darkroom.revision() };
    for (const root of roots.values()) if (isDelete(root)) leave(root, frame);
    for (const root of roots.values()) if (!isDelete(root)) (SPECIAL[root.id] ?? place)(root, frame);
    return frame.plan.html();
  };

  function read(text) {
    const template = document.createElement("template");
    template.innerHTML = text;
    const roots = new Map();
    for (const root of template.content.children) {
      if (root.id && !(revisionOf(root) < revisionOf(roots.get(root.id)))) roots.set(root.id, root); // the last one wins
    }
    return roots;
  }

  function leave(root, { roots, taken, plan }) {
    const shown = byId(root.id);
    darkroom.forget(root.id);
    if (isOfDetail(root)) return tell("darkroom:card", root);
    if (revisionOf(root) < revisionOf(shown)) return;
    tell("darkroom:gone", root);
    if (!shown) return;
    // Where the card comes in this very frame it takes the placeholder's place.
    if (taken.has(root.id) && [...roots.values()].some((card) => card.dataset.placeholder === root.id && !byId(card.id))) return;
    if (!darkroom.defers(root, shown)) plan.remove(root.id);
  }

  function place(root, frame) {
    const shown = byId(root.id);
    if (isOfDetail(root)) return tell("darkroom:card", root);
    if (shown) return replace(root, shown, frame);
    const sheet = byId(root.dataset.placeholder);
    if (sheet) {
      if (!darkroom.defers(root, sheet)) frame.plan.swap(root, `outerHTML:#${sheet.id}`);
    } else {
      arrive(root, frame);
    }
  }

  function replace(root, shown, { roots, plan }) {
    if (revisionOf(root) < revisionOf(shown)) return;
    const card = shown.parentElement.closest("[data-revision]"); // of a progress or a lock
    const whole = card && roots.get(card.id);
    if (whole && (isDelete(whole) || !(revisionOf(whole) < revisionOf(root)))) return; // it brings its own
    if (darkroom.defers(root, shown)) return;
    const region = root.dataset.order && darkroom.regionOf(root.id);
    if (region && !darkroom.isSorted(region) && orderOf(root) !== orderOf(shown)) {
      plan.remove(root.id);
      if (!isDeeper(root, region) && !isCut(root, region)) plan.insert(root, region);
    } else {
      plan.swap(root);
    }
    if (byId(root.dataset.placeholder)) plan.remove(root.dataset.placeholder);
    if (card && revisionOf(root) > revisionOf(card)) card.dataset.revision = root.dataset.revision;
  }

  function arrive(root, { taken, plan, before }) {
    const region = root.dataset.order && darkroom.regionOf(root.id);
    if (!region || region.dataset.arrivals === "none") return;
    if (region.id === "grid") darkroom.stir(root);
    // What is older than the page and not on it belongs to another view.
    if (before !== null && !(Number(root.dataset.createdRevision ?? root.dataset.revision) > before)) return;
    if (region.id === "grid") {
      if (taken.has(root.id) || region.querySelector(`[data-placeholder="${root.id}"]`)) return;
    }
    if (isDeeper(root, region)) return;
    if (region.id === "batches" || darkroom.lets(root, region, plan.anchor(region, root), isCut(root, region))) plan.insert(root, region);
  }

  // Below where the next older page begins.
  function isDeeper(root, region) {
    return region.id === "grid" && !darkroom.isSorted(region) && orderOf(root) < (darkroom.cursor() ?? "");
  }

  // Above where the shown cards begin: it comes when one scrolls back.
  function isCut(root, region) {
    const begins = region.id === "grid" && darkroom.begins();
    return Boolean(begins) && orderOf(root) >= begins;
  }

  // A heartbeat says whether the server itself waits.
  function sayDatabase(root) {
    darkroom.trouble("database", root.dataset.waitsFor === "database");
  }

  const SPECIAL = {
    heartbeat(root) {
      sayDatabase(root);
      tell("darkroom:heartbeat", root);
    },
    reset: (root) => darkroom.reset(root),
    revision(root, { plan, before }) {
      sayDatabase(root);
      if (before !== null && revisionOf(root) > before && !darkroom.isResetting()) plan.swap(root);
    },
    messages(root, { plan }) {
      const shown = byId("messages");
      if (shown && !(revisionOf(root) <= revisionOf(shown))) plan.swap(darkroom.withoutDismissed(root));
    },
    notice(root, { plan }) {
      if (byId("notice")) plan.swap(root);
      else if (byId("notices")) {
        const wrapper = root.ownerDocument.createElement("div");
        wrapper.append(root);
        plan.swap(wrapper, "innerHTML:#notices");
      }
      queueMicrotask(() => tell("darkroom:notice", root));
    },
  };

  function isOfDetail(root) {
    return byId("detail")?.dataset.card === root.id;
  }

  function tell(name, root) {
    document.dispatchEvent(new CustomEvent(name, { detail: root }));
  }
})();
