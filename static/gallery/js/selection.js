// What is selected. It is kept apart from the cards, which come, change and go at any time: check marks only show it.
(() => {
  "use strict";
  const darkroom = (window.darkroom ??= {});

  const RECOUNT_MS = 1000;
  const some = new Map(); // id → what its card said of itself when it was last seen
  let all = null; // besides: everything that a view found, {view, revision, count, except: ids}
  let timer = 0;

  const isCard = ({ classList }) => classList.contains("item") && !classList.contains("item--placeholder");
  const cards = () => [...(document.getElementById("grid")?.children ?? [])].filter(isCard);
  const idOf = (card) => card.id.slice("item-".length);
  const cardOf = (id) => document.getElementById(`item-${id}`);

  const selection = (darkroom.selection = {
    cards,
    idOf,
    has: (id) => some.has(id) || (isFound(cardOf(id)) && !all.except.has(id)),
    get size() {
      return some.size + (all ? Math.max(0, all.count - all.except.size) : 0);
    },
    get isAll() {
      return Boolean(all);
    },
    get ids() {
      return [...some.keys()];
    },
    // What is known of those that are selected one by one.
    get items() {
      return [...some.values()];
    },
    // The fields of a form that means them: two at most, for a server takes only so many.
    fields() {
      const fields = some.size ? [["items", [...some.keys()].join(" ")]] : [];
      if (all) {
        const view = new URLSearchParams(all.view);
        view.set("all", all.revision);
        for (const id of all.except) view.append("except", id);
        fields.push(["view", view.toString()]);
      }
      return fields;
    },
    // Select or unselect these; of those to be selected, the ones that are on the page.
    set(ids, isOn = true) {
      for (const id of ids) {
        if (isFound(cardOf(id))) all.except[isOn ? "delete" : "add"](id);
        else if (!isOn) some.delete(id);
        else if (cardOf(id)) some.set(id, read(cardOf(id)));
      }
      tell();
    },
    // Of the cards on the page exactly these; what is not on the page stays as it is.
    show(ids) {
      const wanted = new Set(ids);
      for (const id of cards().map(idOf)) if (!wanted.has(id) && isFound(cardOf(id))) all.except.add(id);
      for (const id of cards().map(idOf)) if (!wanted.has(id)) some.delete(id);
      selection.set(ids);
    },
    clear() {
      all = null;
      some.clear();
      tell();
    },
    // Everything that this view finds now, on this page or not; what arrives later is not in it.
    async takeAll() {
      const bar = document.getElementById("selection");
      const isWhole = !darkroom.cursor() && !darkroom.begins();
      if (isWhole || !bar?.dataset.count) return selection.set(cards().map(idOf));
      some.clear();
      all = { view: viewOf(), revision: darkroom.revision() ?? 0, count: cards().length, except: new Set() };
      tell();
      await recount();
    },
  });

  function viewOf() {
    const view = new URL(darkroom.address()).searchParams;
    for (const name of ["cursor", "before", "layout"]) view.delete(name);
    return view.toString();
  }

  function isFound(card) {
    return Boolean(all && card) && !(Number(card.dataset.createdRevision) > all.revision);
  }

  function read(card) {
    const is = (state) => card.classList.contains(`item--${state}`);
    const canRetry = Boolean(card.querySelector("[formaction$='/retry/']"));
    const type = ["image", "video", "audio", "file"].find(is);
    return { id: idOf(card), page: card.querySelector(".item__link")?.getAttribute("href"), name: card.dataset.name ?? "", type, isFailed: is("failed"), isFinished: is("finished"), isPicture: is("image"), isStarred: "starred" in card.dataset, canRetry, lock: darkroom.lockOf(idOf(card))?.title ?? "" };
  }

  // Only the server knows how many there are.
  async function recount() {
    const asked = all;
    const query = new URLSearchParams(asked.view);
    query.set("all", asked.revision);
    try {
      const answer = await fetch(`${document.getElementById("selection").dataset.count}?${query}`, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) asked.count = (await answer.json()).count;
    } catch {
      // The number stays what it was; an action asks the server anyway.
    }
    if (asked === all) tell();
  }

  function tell() {
    show();
    document.dispatchEvent(new CustomEvent("darkroom:selection"));
  }

  // Check marks, and a word for those who hear the page.
  function show() {
    const isAny = selection.size > 0;
    document.body.toggleAttribute("data-selecting", isAny);
    for (const card of cards()) {
      const isOn = isAny && selection.has(idOf(card));
      const [box, link] = [card.querySelector(".item__box"), card.querySelector(".item__link")];
      if (box.checked !== isOn) box.checked = isOn;
      if (isOn) link?.setAttribute("aria-describedby", "selected-word");
      else link?.removeAttribute("aria-describedby");
    }
  }

  document.addEventListener("darkroom:changed", () => {
    if (all && all.view !== viewOf()) selection.clear(); // another view finds something else
    if (refresh()) tell();
    else show();
  });

  // What the cards say of the selected ones, and whether that is something new: many frames say nothing about them.
  function refresh() {
    let isNew = false;
    for (const [id, known] of some) {
      const card = cardOf(id);
      const now = card && read(card);
      if (!now || Object.keys(now).every((name) => now[name] === known[name])) continue;
      some.set(id, now);
      isNew = true;
    }
    return isNew;
  }

  // Somebody removed it, or moved it away.
  document.addEventListener("darkroom:gone", ({ detail: root }) => {
    const id = root.id.startsWith("item-") ? idOf(root) : "";
    if (some.has(id)) {
      const { name } = some.get(id);
      some.delete(id);
      tell();
      document.dispatchEvent(new CustomEvent("darkroom:unselected", { detail: name }));
    } else if (all) {
      all.except.delete(id);
      clearTimeout(timer);
      timer = setTimeout(() => all && recount(), RECOUNT_MS);
    }
  });

  // A browser that comes back to the page ticks again what was ticked.
  addEventListener("pageshow", () => {
    const ticked = cards().filter((card) => card.querySelector(".item__box").checked);
    if (ticked.length) selection.set(ticked.map(idOf));
  });
})();
